// The log: JSON lines with time in UTC, or readable text on a terminal.
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from "pino";
import pretty from "pino-pretty";
import type { Config } from "./config.ts";

export const createLogger = (
  { logLevel }: Pick<Config, "logLevel">,
  destination: DestinationStream = standardOutput(),
): Logger => pino({ level: logLevel, base: null, timestamp: stdTimeFunctions.isoTime }, destination);

const standardOutput = (): DestinationStream =>
  process.stdout.isTTY
    ? pretty({ sync: true, singleLine: true, translateTime: "SYS:HH:MM:ss" })
    : pino.destination(1);
