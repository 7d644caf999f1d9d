// What a log may hold of an error that no client sees.
import { isDatabaseError } from "./database/error-texts.ts";

/** Beyond it nobody reads; and an error may be its own cause. */
const maxCauses = 5;

/** The text of a database error can hold SQL with values in it, or a whole row: only its code and its frames are kept. */
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

/** A stack begins with the text, of which a line may look like a frame. */
const framesOf = ({ message, stack = "" }: Error): string[] =>
  (message === "" ? stack : stack.replaceAll(message, ""))
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.trim());
