// The log: JSON lines with UTC times, or readable text on a terminal. Lines are dropped rather than waited for.
import { writeSync, write as writeToDescriptor } from "node:fs";
import { type DestinationStream, type Logger, pino } from "pino";
import type { Config } from "./config/config.ts";
import { kibibytes } from "./sizes.ts";
import { milliseconds, seconds } from "./time.ts";
import { tracing } from "./tracing/open-telemetry.ts";
import { currentTraceId } from "./tracing/spans.ts";

export const createLogger = (
  { logLevel }: Pick<Config, "logLevel">,
  destination: DestinationStream,
): Logger =>
  pino(
    {
      level: logLevel,
      base: null,
      timestamp: createTimestamp(),
      // A line's own overrules it: the line of a request is written later, in a turn of the event loop with those of others.
      ...(tracing !== null && { mixin: () => ({ trace_id: currentTraceId() }) }),
    },
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

let droppedLines = 0;

/** The lines of this process that standard output did not take, since its start. */
export const countDroppedLines = (): number => droppedLines;

/** One write per line costs more than the request. */
const blocks = { minSize: kibibytes(64), maxSize: kibibytes(128) };
const flushEvery = seconds(1);
/** Two seconds of the busiest log. What standard output does not take beyond that is dropped and counted. */
const maxWaiting = kibibytes(4096);
const retryAfter = milliseconds(100);

export interface Output {
  write(text: string): void;
  /** Takes the logger's lines, and writes them as readable text on a terminal. */
  readonly lines: DestinationStream;
  /** The same, for several lines at once. */
  writeLines(lines: string): void;
  /** Without waiting for more lines. */
  flush(): void;
  /** Called when standard output takes lines again after some were dropped. */
  onRecovery: (lines: number) => void;
  /** Resolves when all is written, or after `grace` milliseconds. */
  close(grace: number): Promise<void>;
  /** For the last line of a process that must end now: blocks it for `grace` milliseconds at most. */
  writeNow(grace: number): void;
}

/**
 * Never waits for the reader: a full disk or a stopped log collector would stop the service, and signals with it. A pipe must be
 * non-blocking, or a write to it would hold one of libuv's four threads.
 */
export const createOutput = (
  fd: number,
  minSize = blocks.minSize,
  print: ((line: string) => string) | null = null,
): Output => {
  let lines: Buffer[] = [];
  let block = Buffer.alloc(0);
  let size = 0;
  let dropped = 0;
  let isBusy = false;
  let timer: NodeJS.Timeout | null = null;
  let onIdle: (() => void) | null = null;

  const takeBlock = () => {
    let length = 0;
    const end = lines.findIndex((line) => {
      length += line.length;
      return length >= blocks.maxSize;
    });
    block = Buffer.concat(lines.splice(0, end === -1 ? lines.length : end + 1));
  };
  const write = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (isBusy) return;
    if (block.length === 0) takeBlock();
    if (block.length === 0) return onIdle?.();
    isBusy = true;
    writeToDescriptor(fd, block, (error, written) => {
      // Disk full, reader stopped or gone: the rest of the block is tried again, so that no line is cut.
      if (error !== null) return void setTimeout(goOn, retryAfter).unref();
      block = block.subarray(written);
      size -= written;
      goOn();
    });
  };
  const goOn = () => {
    isBusy = false;
    if (dropped > 0 && size < minSize + blocks.maxSize) {
      const count = dropped;
      dropped = 0;
      output.onRecovery(count);
    }
    if (block.length > 0 || size >= minSize || onIdle !== null) write();
    else if (size > 0) timer ??= setTimeout(write, flushEvery).unref();
  };

  const output: Output = {
    lines: { write: (line) => output.write(print === null ? line : print(line)) },
    writeLines(lines) {
      if (print === null) output.write(lines);
      else for (const line of lines.split(/(?<=\n)/)) output.lines.write(line);
    },
    write(text) {
      const bytes = Buffer.from(text);
      if (size + bytes.length > maxWaiting) {
        // The lines of a worker come several at once.
        const count = text.split("\n").length - 1;
        dropped += count;
        droppedLines += count;
        return;
      }
      lines.push(bytes);
      size += bytes.length;
      if (size >= minSize) write();
      else timer ??= setTimeout(write, flushEvery).unref();
    },
    flush: write,
    onRecovery: () => undefined,
    close: (grace) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, grace);
        onIdle = () => {
          clearTimeout(timer);
          resolve();
        };
        write();
      }),
    writeNow(grace) {
      const until = performance.now() + grace;
      // A block that a thread is writing at this moment is left to it.
      let rest = Buffer.concat(isBusy ? lines : [block, ...lines]);
      lines = [];
      while (rest.length > 0 && performance.now() < until) {
        try {
          rest = rest.subarray(writeSync(fd, rest));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return;
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds(10));
        }
      }
    },
  };
  return output;
};

/** The pretty-printer is loaded only on a terminal. */
export const openStandardOutput = async (): Promise<Output> => {
  // Reading `process.stdout` makes a pipe non-blocking.
  if (!process.stdout.isTTY) return createOutput(1);
  const { prettyFactory } = await import("pino-pretty");
  return createOutput(1, 0, prettyFactory({ singleLine: true, translateTime: "SYS:HH:MM:ss" }));
};

/** Otherwise nobody would know that the log has a gap. */
export const tellOfDroppedLines = (logger: Logger, output: Output): void => {
  output.onRecovery = (lines) =>
    logger.error({ lines }, "log lines dropped, standard output did not take them");
};
