// Which errors may hold SQL with values, or an entity's values, in their text: only their code may be logged.
import { ValidationError } from "@mikro-orm/core";

/** An error with a SQLSTATE as its code, or an error of MikroORM. */
export const isDatabaseError = (error: unknown): boolean =>
  error instanceof Error &&
  (("code" in error && /^[0-9A-Z]{5}$/.test(String(error.code))) ||
    "sqlMessage" in error ||
    error.name.endsWith("Exception") ||
    error instanceof ValidationError);
