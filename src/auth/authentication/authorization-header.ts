// The Authorization header: a token, nothing, or something that refuses the request. Knows no database.
import type { IncomingMessage } from "node:http";
import { invalidBearer } from "../../errors.ts";

/** RFC 6750, 2.1; `Token` is how Django REST Framework's clients write it. Schemes are case-insensitive (RFC 9110, 11.1). */
const oneCredential = /^(?:Bearer|Token) +([0-9A-Za-z_]+) *$/i;

/**
 * Null without the header. Throws a 401 for anything but one credential of a known scheme: a client that means to be
 * somebody is never served as nobody.
 */
export const readToken = (request: IncomingMessage): string | null => {
  const header = request.headers.authorization;
  if (header === undefined) return null;
  // Node keeps the first of several headers and drops the others in silence; which one counts must not be a guess.
  if (countOf(request.rawHeaders, "authorization") !== 1) throw invalidBearer();
  const token = oneCredential.exec(header)?.[1];
  if (token === undefined) throw invalidBearer();
  return token;
};

/** `rawHeaders` holds names and values in turn, as they came. */
const countOf = (rawHeaders: readonly string[], name: string): number => {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const header = rawHeaders[index] ?? "";
    if (header.length === name.length && header.toLowerCase() === name) count += 1;
  }
  return count;
};
