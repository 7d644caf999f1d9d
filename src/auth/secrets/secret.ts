// Secrets that we hand out: how they are made, written, recognised and stored.
import { createHash, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const secretLength = 43;
const checksumLength = 6;

/** What a token is for, a session or a script; the prefix is what secret scanners look for. */
export type TokenPrefix = "gws_" | "gwa_";

/** 256 random bits in base62, padded to 43 characters. */
export const randomSecret = (): string => writeSecret(randomBytes(32));

/** 32 bytes as every secret is written. */
export const writeSecret = (bytes: Buffer): string => base62(BigInt(`0x${bytes.toString("hex")}`));

/** True for what `writeSecret` could have made: what is not well-formed costs no query. */
export const isWellFormedSecret = (text: string): boolean => /^[0-9A-Za-z]{43}$/.test(text);

/** Prefix, secret, checksum: recognisable in a leak, and a mistyped one is refused without a query. */
export const makeToken = (prefix: TokenPrefix): string => {
  const body = prefix + randomSecret();
  return body + checksum(body);
};

/** True for what `makeToken` could have made. It says nothing about whether the token is known. */
export const isWellFormedToken = (text: string): boolean =>
  /^gw[sa]_[0-9A-Za-z]{49}$/.test(text) &&
  checksum(text.slice(0, -checksumLength)) === text.slice(-checksumLength);

/** For a log, of what a client may have put a token into by mistake. */
export const hideTokens = (text: string): string =>
  text.includes("gw") ? text.replaceAll(/gw([sa])_[0-9A-Za-z]{49}/g, "gw$1_...") : text;

/** Tells before any query in which table a well-formed token is. */
export const isAccessToken = (token: string): boolean => token.startsWith("gwa_");

/**
 * What is stored instead of the secret. A fast hash is enough for 256 random bits: there is nothing to guess, and a copy
 * of the database opens nothing.
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
