// The log: JSON lines with time in UTC, or readable text on a terminal.
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from "pino";
import type { Config } from "./config.ts";

export const createLogger = (
  { logLevel }: Pick<Config, "logLevel">,
  destination: DestinationStream,
): Logger => pino({ level: logLevel, base: null, timestamp: stdTimeFunctions.isoTime }, destination);

/** The formatter for people is loaded only where there is somebody to read it. */
export const openStandardOutput = async (): Promise<DestinationStream> => {
  if (!process.stdout.isTTY) return pino.destination(1);
  const { default: pretty } = await import("pino-pretty");
  return pretty({ sync: true, singleLine: true, translateTime: "SYS:HH:MM:ss" });
};
