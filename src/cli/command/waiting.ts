// How a command waits for the database: lines on standard error, until a signal.
import type { Config } from "../../config/config.ts";
import type { Waiting } from "../../database/waiting.ts";

/** Without it, a signal would end the process, and a statement that waits for a lock would stay behind in PostgreSQL. */
export const waitAtTerminal = ({ databaseWait }: Pick<Config, "databaseWait">): Waiting => {
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => stopping.abort(new Error(`Stopped by ${signal}.`)));
  return {
    atMost: databaseWait,
    signal: stopping.signal,
    tell: (text, details) => void process.stderr.write(`graphward: ${text}: ${describe(details)}\n`),
  };
};

const describe = (details: Readonly<Record<string, unknown>>): string =>
  Object.entries(details)
    .map(
      ([name, value]) =>
        `${name} ${value instanceof Date ? value.toISOString() : String(value ?? "unknown")}`,
    )
    .join(", ");
