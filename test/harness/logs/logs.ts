// The logs that the tests of a file have caused, and the secrets that each of them may contain.
import type { CanaryKind } from "./canaries.ts";

export { withoutDevelopersSecrets } from "../../../src/testing/secrets.ts";

export interface WatchedLog {
  readonly name: string;
  read(): string;
  /** The output of a command goes to the operator who typed its arguments, so it may contain usernames. */
  readonly mayHold?: ReadonlySet<CanaryKind>;
}

const watched: WatchedLog[] = [];

export const watchLog = (log: WatchedLog): void => void watched.push(log);

export const watchedLogs = (): readonly WatchedLog[] => watched;

const databases = new Set<string>();

export const watchDatabase = (name: string): void => void databases.add(name);

/** Also for databases that are already dropped. */
export const isWatchedDatabase = (name: string): boolean => databases.has(name);

const quoting: RegExp[] = [];

/** Allows statements of an entity manager, which writes values into the SQL text. None of our own code uses one. */
export const letQuote = (statement: RegExp): void => void quoting.push(statement);

export const mayQuote = (entry: string): boolean => quoting.some((statement) => statement.test(entry));

/** Call it before the tests of a file: its worker has run other files. */
export const beginLogs = (): void => {
  watched.length = 0;
  databases.clear();
  quoting.length = 0;
};

/**
 * Removes ids in their own fields, and the time: a test also sends both as variables. Matches field and
 * format, so that an id elsewhere, or another value in these fields, is still found.
 */
export const withoutNamedIds = (log: string): string =>
  log
    .replaceAll(
      /"(?:requestId|userId|loginUserId|actorId)":"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"/g,
      "",
    )
    .replaceAll(/"time":"[-:.\dT]+Z"/g, "");
