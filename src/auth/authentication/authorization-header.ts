// Reads the Authorization header: a token, nothing, or an error. Knows no database.
import type { IncomingMessage } from "node:http";
import { invalidBearer } from "../../errors.ts";

/** RFC 6750, 2.1; clients of Django REST Framework write `Token`. Schemes are case-insensitive (RFC 9110, 11.1). */
const oneCredential = /^(?:Bearer|Token) +([0-9A-Za-z_]+) *$/i;

/**
 * Returns null without the header. Throws a 401 for anything but one credential of a known scheme: a client that tries to
 * authenticate is never served as anonymous.
 */
export const readToken = (request: IncomingMessage): string | null => {
  const header = request.headers.authorization;
  if (header === undefined) return null;
  // Node keeps the first of several headers and silently drops the others; which one counts must not be a guess.
  if (countOf(request.rawHeaders, "authorization") !== 1) throw invalidBearer();
  const token = oneCredential.exec(header)?.[1];
  if (token === undefined) throw invalidBearer();
  return token;
};

/** `rawHeaders` alternates names and values, in the order of the request. */
const countOf = (rawHeaders: readonly string[], name: string): number => {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const header = rawHeaders[index] ?? "";
    if (header.length === name.length && header.toLowerCase() === name) count += 1;
  }
  return count;
};
