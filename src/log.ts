// The log: JSON lines with time in UTC, or readable text on a terminal.
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from "pino";
import type { Config } from "./config.ts";
import { kibibytes } from "./sizes.ts";
import { seconds } from "./time.ts";

export const createLogger = (
  { logLevel }: Pick<Config, "logLevel">,
  destination: DestinationStream,
): Logger => pino({ level: logLevel, base: null, timestamp: stdTimeFunctions.isoTime }, destination);

/** A write for each line costs more than the request it tells of. Lines wait for a second at most, and for an exit never. */
const buffer = { minLength: kibibytes(4), periodicFlush: seconds(1), maxLength: kibibytes(16_384) };

/** The formatter for people is loaded only where there is somebody to read it. */
export const openStandardOutput = async (): Promise<DestinationStream> => {
  if (!process.stdout.isTTY) return pino.destination({ dest: 1, sync: false, ...buffer });
  const { default: pretty } = await import("pino-pretty");
  return pretty({ sync: true, singleLine: true, translateTime: "SYS:HH:MM:ss" });
};
