// Reads the token of a request: from the Authorization header, or from the one that TOKEN_HEADER names. Knows no database.
import type { IncomingMessage } from "node:http";
import { invalidBearer, misplacedBearer, placeholderBearer } from "../../errors.ts";

export interface TokenHeader {
  /**
   * Returns null without a credential. Throws a 401 for anything but one credential of a known scheme: a client that tries to
   * authenticate is never served as anonymous.
   */
  readToken(request: IncomingMessage): string | null;
  /** True if there is one, valid or not. */
  hasToken(request: IncomingMessage): boolean;
}

/** `name`: in small letters, as Node has it. */
export const createTokenHeader = (name: string): TokenHeader => {
  const isOurs = name !== authorization;
  const credential = isOurs ? oneTokenOrCredential : oneCredential;
  const valueIn = ({ headers }: IncomingMessage): string | undefined => {
    const value = headers[name];
    return Array.isArray(value) ? value.join() : value;
  };
  return {
    readToken(request) {
      const value = valueIn(request);
      if (isOurs && value === undefined) refuseMisplaced(request);
      if (value === undefined) return null;
      // Node keeps the first of several headers and silently drops the others; which one counts must not be a guess.
      if (countOf(request.rawHeaders, name) !== 1) throw invalidBearer();
      if (noCredential.test(value)) return null;
      if (placeholder.test(value)) throw placeholderBearer();
      const token = credential.exec(value)?.[1];
      if (token === undefined) throw invalidBearer();
      return token;
    },
    hasToken(request) {
      const value = valueIn(request);
      return value !== undefined && credential.test(value);
    },
  };
};

const authorization = "authorization";

/** RFC 6750, 2.1; clients of Django REST Framework write `Token`. Schemes are case-insensitive (RFC 9110, 11.1). */
const oneCredential = /^(?:Bearer|Token) +([0-9A-Za-z_]+) *$/i;
/** In a header that holds nothing else, clients leave the scheme out. */
const oneTokenOrCredential = /^(?:(?:Bearer|Token) +)?([0-9A-Za-z_]+) *$/i;

/** Clients without a token send the header all the same. */
const noCredential = /^(?:(?:Bearer|Token) *)?$/i;

/** What JavaScript writes for a variable that holds no token. It stays refused: the client believes that it is logged in. */
const placeholder = /^(?:(?:Bearer|Token) +)?(?:null|undefined|false|NaN|\[object \w+\]) *$/i;

/** Otherwise the client would be served as anonymous, and not learn why. */
const refuseMisplaced = ({ headers }: IncomingMessage): void => {
  if (/^(?:Bearer|Token) +gw[sa]_/i.test(headers[authorization] ?? "")) throw misplacedBearer();
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
