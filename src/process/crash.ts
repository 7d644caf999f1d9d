// The end of a process whose state is unknown.
import type { Logger } from "pino";
import { describeForLog } from "../error-log.ts";
import type { Output } from "../log.ts";
import { seconds } from "../time.ts";

export const graceForLog = seconds(1);

/**
 * Node would print the text of an uncaught exception, which may hold secrets. Exits like Node: after one, the
 * state of the process is unknown.
 */
export const endOnCrash = (logger: Logger, output: Output): void => {
  const end = (error: unknown) => {
    logger.fatal({ error: describeForLog(error) }, "uncaught exception, exiting");
    output.writeNow(graceForLog);
    process.exit(1);
  };
  process.on("uncaughtException", end).on("unhandledRejection", end);
};
