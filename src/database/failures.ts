// Which errors mean that the database is unavailable, rather than that our statement is wrong.

/** PostgreSQL's SQLSTATE classes and codes: connection, resources, operator intervention, read-only after a failover. */
const unavailableStates = /^(?:08|53|57P|25006|55P03|57014|40P01)/;

const unavailableSystemCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ENOENT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "EHOSTUNREACH",
]);

/** pg's own texts for errors without a code. */
const unavailableTexts =
  /^(?:timeout exceeded when trying to connect|Connection terminated|Query read timeout|Client has encountered a connection error)/;

export const isDatabaseUnavailable = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false;
  const code = codeOf(error);
  if (unavailableStates.test(code)) return true;
  // PostgreSQL ended or refused the connection itself.
  if ("severity" in error && (error.severity === "FATAL" || error.severity === "PANIC")) return true;
  const isFromDriver =
    "syscall" in error && /^(?:connect|read|write|getaddrinfo)$/.test(String(error.syscall));
  return (isFromDriver && unavailableSystemCodes.has(code)) || unavailableTexts.test(error.message);
};

const codeOf = (error: Error): string => ("code" in error ? String(error.code) : "");
