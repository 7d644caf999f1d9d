// The codes of mails, and the tokens of the logins that wait for them: both derived from the id of the challenge's row.
import { createHmac, type KeyObject, timingSafeEqual } from "node:crypto";
import { deriveKey } from "../secrets/derived-key.ts";
import { digest, makeToken, writeSecret } from "../secrets/secret.ts";
import { canonicalCode } from "../text/codes.ts";

/** Without I, O, 0 and 1, which people mistake for each other. A power of two, so that every letter is as likely. */
const alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const codeLength = 8;

/** The first derives new codes, all are tried for codes that were mailed earlier. */
export type MailedCodeKeys = readonly KeyObject[];

export const deriveMailedCodeKeys = (sessionSecrets: readonly string[]): MailedCodeKeys =>
  sessionSecrets.map((secret) => deriveKey(secret, "mailed codes"));

export interface MailedCode {
  readonly pendingToken: string;
  /** As the mail shows it: `ABCD-EFGH`. */
  readonly code: string;
  /** What the row stores. */
  readonly digest: Buffer;
  readonly codeDigest: Buffer;
}

/** A copy of the database and its queue holds the id, and without the key neither the token nor the code follows from it. */
export function deriveMailedCode(keys: MailedCodeKeys, id: string): MailedCode {
  const [key] = keys;
  if (key === undefined) throw new Error("deriveMailedCode() was given no key.");
  return deriveWith(key, id);
}

/** Throws when none of our keys made it, so that another server, with the new or the old SESSION_SECRET, can send it. */
export function findMailedCode(
  keys: MailedCodeKeys,
  { id, codeDigest }: { readonly id: string; readonly codeDigest: Buffer },
): MailedCode {
  const found = keys.map((key) => deriveWith(key, id)).find((it) => it.codeDigest.equals(codeDigest));
  if (found === undefined)
    throw new Error("This code was made with a SESSION_SECRET that is not configured.");
  return found;
}

/** In any case, with or without hyphens and spaces. */
export function isMailedCode(
  keys: MailedCodeKeys,
  { id, codeDigest }: { readonly id: string; readonly codeDigest: Buffer },
  typed: string,
): boolean {
  // Every key is tried, so that the time does not depend on which one made the code.
  return keys.map((key) => timingSafeEqual(digestOf(key, id, typed), codeDigest)).includes(true);
}

const deriveWith = (key: KeyObject, id: string): MailedCode => {
  const pendingToken = makeToken("gwp_", writeSecret(hmac(key, `pending token ${id}`)));
  const letters = [...hmac(key, `code ${id}`).subarray(0, codeLength)].map((byte) => alphabet[byte % 32]);
  const code = letters.join("");
  const half = codeLength / 2;
  return {
    pendingToken,
    code: `${code.slice(0, half)}-${code.slice(half)}`,
    digest: digest(pendingToken),
    codeDigest: digestOf(key, id, code),
  };
};

/** Keyed: forty bits alone could be guessed from a copy of the database. With the id: a code opens its own challenge only. */
const digestOf = (key: KeyObject, id: string, code: string): Buffer =>
  hmac(key, `digest ${id} ${canonicalCode(code)}`);

const hmac = (key: KeyObject, text: string): Buffer => createHmac("sha256", key).update(text).digest();
