// The log: JSON lines with UTC times, or readable text on a terminal.
import { type DestinationStream, type Logger, pino } from "pino";
import type { Config } from "./config/config.ts";
import { kibibytes } from "./sizes.ts";
import { seconds } from "./time.ts";

export const createLogger = (
  { logLevel }: Pick<Config, "logLevel">,
  destination: DestinationStream,
): Logger =>
  pino(
    { level: logLevel, base: null, timestamp: createTimestamp() },
    { write: (line) => destination.write(showObeyed(line)) },
  );

/**
 * Characters that JSON does not escape but terminals and editors obey: C1 controls, Unicode line ends,
 * bidirectional overrides.
 */
const obeyed = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Written as text, not as a JSON escape: a program that decodes the JSON, such as the terminal formatter,
 * would restore the character.
 */
const showObeyed = (line: string): string =>
  isPlain(line) ? line : line.replaceAll(obeyed, (it) => `\\\\u{${it.codePointAt(0)?.toString(16) ?? ""}}`);

/** Nearly every line is ASCII, and this check is much faster than the regular expression. */
const isPlain = (line: string): boolean =>
  Buffer.byteLength(line) === line.length && !line.includes("\u007f");

/** Many lines share a millisecond, and formatting the time costs as much as the rest of a line. */
const createTimestamp = () => {
  let writtenAt = Number.NaN;
  let written = "";
  return (): string => {
    const now = Date.now();
    if (now !== writtenAt) {
      writtenAt = now;
      written = `,"time":"${new Date(now).toISOString()}"`;
    }
    return written;
  };
};

/** One write per line costs more than the request. Lines wait at most one second, and are flushed at exit. */
const blocks = {
  minLength: kibibytes(64),
  maxWrite: kibibytes(128),
  maxLength: kibibytes(16_384),
  periodicFlush: seconds(1),
  // In text mode, each line would count the bytes of the whole buffer again.
  contentMode: "buffer",
} as const;

/** The pretty-printer is loaded only on a terminal. */
export const openStandardOutput = async (): Promise<DestinationStream> => {
  if (!process.stdout.isTTY) {
    const output = pino.destination({ dest: 1, sync: false, ...blocks });
    return { write: (line) => void output.write(Buffer.from(line) as unknown as string) };
  }
  const { default: pretty } = await import("pino-pretty");
  return pretty({ sync: true, singleLine: true, translateTime: "SYS:HH:MM:ss" });
};
