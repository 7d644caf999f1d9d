// Which errors mean that the database is unavailable, rather than that our statement is wrong.
import pg from "pg";

/** PostgreSQL's SQLSTATE classes and codes: connection, resources, operator intervention, read-only after a failover, conflicts that repeat. */
const unavailableStates = /^(?:08|53|57P|25006|55P03|57014|40001|40P01)/;

const unavailableSystemCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ENOENT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  // This machine has no file, port or memory left for a connection.
  "EMFILE",
  // The queue of PostgreSQL's socket is full.
  "EAGAIN",
  "ENFILE",
  "EADDRNOTAVAIL",
  "ENOBUFS",
  "ENOMEM",
]);

/** pg's own texts for errors without a code. */
const unavailableTexts =
  /^(?:timeout exceeded when trying to connect|timeout expired|Connection terminated|Query read timeout|Client has encountered a connection error|Client was closed)/;

export const isDatabaseUnavailable = (error: unknown): boolean => {
  // Each address of a name failed: `localhost` is two of them.
  if (error instanceof AggregateError) return error.errors.some(isDatabaseUnavailable);
  if (!(error instanceof Error)) return false;
  const code = codeOf(error);
  if (unavailableStates.test(code) || isStandbyRefusal(error)) return true;
  // PostgreSQL ended or refused the connection itself.
  if ("severity" in error && (error.severity === "FATAL" || error.severity === "PANIC")) return true;
  const isFromDriver =
    "syscall" in error && /^(?:connect|read|write|getaddrinfo)$/.test(String(error.syscall));
  return (isFromDriver && unavailableSystemCodes.has(code)) || unavailableTexts.test(error.message);
};

/** "cannot set transaction read-write mode during recovery", in the language of the server: a transaction begins during a failover. */
const isStandbyRefusal = (error: Error): boolean =>
  codeOf(error) === "0A000" &&
  "routine" in error &&
  /^call_(?:bool|enum)_check_hook$/.test(String(error.routine));

/** A wrong password or a missing database: PostgreSQL is there, and will not change its mind. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && !/^(?:57P|53|08(?!P01)|55)/.test(codeOf(error));

/** What an operator looks up: the SQLSTATE, the system's code, or "timeout". Never the text of an error. */
export const causeOf = (error: unknown): string => {
  if (error instanceof AggregateError) return causeOf(error.errors[0]);
  if (!(error instanceof Error)) return "unknown";
  const code = codeOf(error);
  if (code !== "") return code;
  if (/time(?:d )?out|silent|no reply/i.test(error.message)) return "timeout";
  return unavailableTexts.test(error.message) ? "connection lost" : error.name;
};

const codeOf = (error: Error): string => ("code" in error ? String(error.code) : "");
