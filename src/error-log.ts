// What the log may hold of an error that is masked for clients.
import { isDatabaseError } from "./database/error-texts.ts";

/** Enough for a reader; and an error may be its own cause. */
const maxCauses = 5;

/** The text of a database error can hold SQL with values, or a whole row: only its code and stack frames are logged. */
export const describeForLog = (error: unknown, causes = 0): Record<string, unknown> => {
  if (!(error instanceof Error)) return { name: typeof error };
  const code = "code" in error ? { code: error.code } : {};
  const hasCause = error.cause !== undefined && causes < maxCauses;
  return {
    name: error.name,
    ...(isDatabaseError(error) ? {} : { message: error.message }),
    ...code,
    frames: framesOf(error),
    ...(hasCause && { cause: describeForLog(error.cause, causes + 1) }),
  };
};

/** A stack begins with the error's text, and a line of that text may look like a frame. */
const framesOf = ({ message, stack = "" }: Error): string[] =>
  (message === "" ? stack : stack.replaceAll(message, ""))
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.trim());
