// What the log holds of an error that is masked for clients.
import type { Logger } from "pino";
import { isDatabaseError } from "./database/error-texts.ts";
import { causeOf } from "./database/failures.ts";
import { type ErrorCode, TableError, type Why } from "./errors.ts";
import { seconds } from "./time.ts";

/** Enough for a reader; and an error may be its own cause. */
const maxCauses = 5;

/** The text of a database error can hold SQL with values, or a whole row: only its code and stack frames are logged. */
export const describeForLog = (error: unknown, causes = 0): Record<string, unknown> => {
  if (!(error instanceof Error)) return { name: typeof error };
  const code = "code" in error ? { code: error.code } : {};
  const hasCause = error.cause !== undefined && causes < maxCauses;
  return {
    name: error.name,
    // The message of JSON.parse() quotes the text, which may be a stranger's secret.
    ...(isDatabaseError(error) || error instanceof SyntaxError ? {} : { message: error.message }),
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

interface Outage {
  requests: number;
  requestId: string;
}

const outagesOf = new WeakMap<Logger, Map<string, Outage>>();

/**
 * Logs why requests got a 503: the first at once, and the others once a second with their number. In an outage, a line for each
 * would bury everything else.
 */
export function logUnavailable(logger: Logger, error: unknown, requestId: string): void {
  const { pool, reason } = findMissing(error);
  const outages = outagesOf.get(logger) ?? new Map<string, Outage>();
  outagesOf.set(logger, outages);
  const key = `${pool} ${reason}`;
  const running = outages.get(key);
  if (running !== undefined) {
    running.requests += 1;
    running.requestId = requestId;
    return;
  }
  const write = ({ requests, requestId: id }: Outage) =>
    logger.error({ requestId: id, pool, reason, requests }, "requests answered with 503");
  write({ requests: 1, requestId });
  const following: Outage = { requests: 0, requestId };
  outages.set(key, following);
  const timer = setInterval(() => {
    if (following.requests > 0) write(following);
    else {
      clearInterval(timer);
      outages.delete(key);
    }
    following.requests = 0;
  }, seconds(1));
  timer.unref();
}

/** Why `thrown` was answered with this error of the table. */
export function whyOf(
  { code, why }: { readonly code: ErrorCode; readonly why: Why | null },
  thrown: unknown,
): Why | null {
  if (code !== "SERVICE_UNAVAILABLE") return why;
  const { pool, reason } = findMissing(thrown);
  return { reason: "out_of_service", detail: `${pool}: ${reason}` };
}

const findMissing = (error: unknown): { readonly pool: string; readonly reason: string } =>
  (error instanceof TableError ? error.missing : null) ?? { pool: "requests", reason: causeOf(error) };
