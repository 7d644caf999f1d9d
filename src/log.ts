// The log: JSON lines with time in UTC, or readable text on a terminal.
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

/** What JSON leaves as it is, and a terminal or an editor obeys: C1 controls, other ends of lines, turned directions of text. */
const obeyed = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Spelled out rather than escaped: whoever unpacks the JSON, as the formatter for terminals does, would have it back. */
const showObeyed = (line: string): string =>
  isPlain(line) ? line : line.replaceAll(obeyed, (it) => `\\\\u{${it.codePointAt(0)?.toString(16) ?? ""}}`);

/** Nearly every line is ASCII, which is told in a fraction of the time of a pattern. */
const isPlain = (line: string): boolean =>
  Buffer.byteLength(line) === line.length && !line.includes("\u007f");

/** Many lines share a millisecond, and writing one out takes as long as the rest of a line. */
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

/** A write for each line costs more than the request it tells of. Lines wait for a second at most, and for an exit never. */
const blocks = {
  minLength: kibibytes(64),
  maxWrite: kibibytes(128),
  maxLength: kibibytes(16_384),
  periodicFlush: seconds(1),
  // As text, each line would count the bytes of the whole block again.
  contentMode: "buffer",
} as const;

/** The formatter for people is loaded only where there is somebody to read it. */
export const openStandardOutput = async (): Promise<DestinationStream> => {
  if (!process.stdout.isTTY) {
    const output = pino.destination({ dest: 1, sync: false, ...blocks });
    return { write: (line) => void output.write(Buffer.from(line) as unknown as string) };
  }
  const { default: pretty } = await import("pino-pretty");
  return pretty({ sync: true, singleLine: true, translateTime: "SYS:HH:MM:ss" });
};
