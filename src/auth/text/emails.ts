// Validates emails and computes their canonical form.
import { domainToASCII } from "node:url";
import type { BrokenRule } from "../../errors.ts";
import { hasInvisibleCharacters } from "./characters.ts";

/** RFC 5321, 4.5.3.1: 254 octets in total, 64 before the @. */
export const maxAddressLength = 254;
const maxLocalPartLength = 64;

/**
 * The local part, as in the HTML standard: ASCII only, no quotes. With letters of other scripts that look like ASCII, `ａdmin@…`
 * could ask for the mail of `admin@…` (Django's CVE-2019-19844).
 */
const localPart = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i;
const domain = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])$/;

/** Checked before `domainToASCII`, which, like a URL parser, drops line breaks and cuts at a slash. */
const typedDomain = /^[\p{Letter}\p{Mark}\p{Decimal_Number}.-]+$/u;

/** Lower case, with the domain in ASCII. Null for an invalid email, which no user has. */
export const findCanonicalEmail = (typed: string): string | null => {
  if (typed.length > maxAddressLength) return null;
  const at = typed.lastIndexOf("@");
  const local = typed.slice(0, at);
  if (at < 1 || local.length > maxLocalPartLength || !localPart.test(local)) return null;
  if (hasInvisibleCharacters(typed) || !typedDomain.test(typed.slice(at + 1))) return null;
  const host = domainToASCII(typed.slice(at + 1)).toLowerCase();
  const canonical = `${local.toLowerCase()}@${host}`;
  return domain.test(host) && canonical.length <= maxAddressLength ? canonical : null;
};

export const findEmailProblem = (typed: string): BrokenRule | null =>
  findCanonicalEmail(typed) === null
    ? { field: "email", rule: "email", message: "This is not a valid email." }
    : null;
