// The log: JSON lines with time in UTC, or readable text on a terminal.
import { type Logger, pino, stdTimeFunctions } from "pino";
import pretty from "pino-pretty";
import type { Config } from "./config.ts";

export const createLogger = ({ logLevel }: Pick<Config, "logLevel">): Logger => {
  const options = { level: logLevel, base: null, timestamp: stdTimeFunctions.isoTime };
  return process.stdout.isTTY
    ? pino(options, pretty({ sync: true, singleLine: true, translateTime: "SYS:HH:MM:ss" }))
    : pino(options);
};
