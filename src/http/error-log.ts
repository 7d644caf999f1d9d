// What a log may hold of an error that no client sees.
import { isDatabaseError } from "../database/failures.ts";

/** The text of a database error can hold SQL with values in it, or a whole row: only its code and its frames are kept. */
export const describeForLog = (error: unknown): Record<string, unknown> => {
  if (!(error instanceof Error)) return { name: typeof error };
  const code = "code" in error ? { code: error.code } : {};
  const frames = error.stack
    ?.split("\n")
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.trim());
  const cause = error.cause === undefined ? {} : { cause: describeForLog(error.cause) };
  return {
    name: error.name,
    ...(isDatabaseError(error) ? {} : { message: error.message }),
    ...code,
    frames,
    ...cause,
  };
};
