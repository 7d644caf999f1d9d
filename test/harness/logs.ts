// The logs that the tests of a file have caused, and what may be in them although it is a secret elsewhere.
import type { CanaryKind } from "./canaries.ts";

export interface WatchedLog {
  readonly name: string;
  read(): string;
  /** What a command prints is for the person who typed its arguments: names are no news to them. */
  readonly mayHold?: ReadonlySet<CanaryKind>;
}

const watched: WatchedLog[] = [];

export const watchLog = (log: WatchedLog): void => void watched.push(log);

export const watchedLogs = (): readonly WatchedLog[] => watched;

const databases = new Set<string>();

export const watchDatabase = (name: string): void => void databases.add(name);

/** Also of those that are dropped by now. */
export const isWatchedDatabase = (name: string): boolean => databases.has(name);

const quoting: RegExp[] = [];

/** Statements of an entity manager, which writes values into their text. Nothing of ours goes through one. */
export const letQuote = (statement: RegExp): void => void quoting.push(statement);

export const mayQuote = (entry: string): boolean => quoting.some((statement) => statement.test(entry));

/** For the tests of a file: its worker has run others. */
export const beginLogs = (): void => {
  watched.length = 0;
  databases.clear();
  quoting.length = 0;
};

/**
 * Ids in the fields that are for them, and the time: a test sends both as variables too. By their place and their form, so that
 * an id anywhere else, or anything else in these fields, is found.
 */
export const withoutNamedIds = (log: string): string =>
  log
    .replaceAll(/"(?:requestId|userId|actorId)":"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"/g, "")
    .replaceAll(/"time":"[-:.\dT]+Z"/g, "");

/** Development prints the link of each mail, and the first account's password once. */
export const withoutDevelopersSecrets = (log: string): string =>
  log
    .replaceAll(/"link":"[^"]*"(?=,"msg":"this link would be in a mail"\})/g, "")
    .replace(/(?<= password )\S+(?= \(shown this once\)\n)/, "");
