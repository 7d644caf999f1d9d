// Creates, formats, recognises and hashes the secrets that we issue.
import { createHash, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const secretLength = 43;
const checksumLength = 6;

/** The prefix marks a session token, an access token, a pending token or a code for an app, and lets secret scanners find it. */
export type TokenPrefix = "gws_" | "gwa_" | "gwp_" | "gwc_";

/** 256 random bits in base62, padded to 43 characters. */
export const randomSecret = (): string => writeSecret(randomBytes(32));

/** Encodes 32 bytes. */
export const writeSecret = (bytes: Buffer): string => base62(BigInt(`0x${bytes.toString("hex")}`));

/** True for a text that `writeSecret` could return: anything else costs no query. */
export const isWellFormedSecret = (text: string): boolean => /^[0-9A-Za-z]{43}$/.test(text);

/** Prefix, secret, checksum: a scanner recognises a leaked token, and a mistyped one is refused without a query. */
export const makeToken = (prefix: TokenPrefix, secret: string = randomSecret()): string => {
  const body = prefix + secret;
  return body + checksum(body);
};

/** True for a text that `makeToken` could return, whether the token exists or not. */
export const isWellFormedToken = (text: string): boolean =>
  /^gw[sa]_[0-9A-Za-z]{49}$/.test(text) &&
  checksum(text.slice(0, -checksumLength)) === text.slice(-checksumLength);

/** The same for the token of a login that waits for another proof, which opens nothing else. */
export const isWellFormedPendingToken = (text: string): boolean =>
  /^gwp_[0-9A-Za-z]{49}$/.test(text) &&
  checksum(text.slice(0, -checksumLength)) === text.slice(-checksumLength);

/** The same for the code that leads an app back from a provider. */
export const isWellFormedProviderCode = (text: string): boolean =>
  /^gwc_[0-9A-Za-z]{49}$/.test(text) &&
  checksum(text.slice(0, -checksumLength)) === text.slice(-checksumLength);

/** For logs: masks a token that a client has sent in the wrong place. */
export const hideTokens = (text: string): string =>
  text.includes("gw") ? text.replaceAll(/gw([sapc])_[0-9A-Za-z]{49}/g, "gw$1_...") : text;

/** Shows without a query which table a well-formed token belongs to. */
export const isAccessToken = (token: string): boolean => token.startsWith("gwa_");

/**
 * The stored form of a secret. A fast hash is enough for 256 random bits: they cannot be guessed, and a copy of the database
 * grants no access.
 */
export const digest = (secret: string): Buffer => createHash("sha256").update(secret).digest();

const checksum = (text: string): string => {
  let letters = "";
  for (let rest = crc32(text); rest > 0; rest = Math.floor(rest / 62))
    letters = alphabet[rest % 62] + letters;
  return letters.padStart(checksumLength, "0");
};

const base62 = (number: bigint): string => {
  let text = "";
  for (let rest = number; rest > 0n; rest /= 62n) text = alphabet[Number(rest % 62n)] + text;
  return text.padStart(secretLength, "0");
};
