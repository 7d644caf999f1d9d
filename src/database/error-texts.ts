// Which errors may hold SQL with values, or the values of an entity, in their text: a log may have their code alone.
import { ValidationError } from "@mikro-orm/core";

/** A SQLSTATE for a code, or one of MikroORM's own. */
export const isDatabaseError = (error: unknown): boolean =>
  error instanceof Error &&
  (("code" in error && /^[0-9A-Z]{5}$/.test(String(error.code))) ||
    "sqlMessage" in error ||
    error.name.endsWith("Exception") ||
    error instanceof ValidationError);
