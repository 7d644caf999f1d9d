// Seals secrets that must be read again, such as a TOTP secret: a copy of the database reveals none of them.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { deriveKey } from "./derived-key.ts";

export interface Sealer {
  /** AES-256-GCM under the first key. `owner` is authenticated with it: a sealed secret that is copied to another row opens nothing. */
  seal(secret: Buffer, owner: string): Buffer;
  /** Null when none of the keys sealed it, or for another owner. */
  open(sealed: Buffer, owner: string): Buffer | null;
  /** Whether the first key sealed it. If not, seal it again while its plain text is at hand. */
  isCurrent(sealed: Buffer): boolean;
  /** The ids of the keys that open, as `keyIdLength` bytes at the start of what they sealed. */
  readonly keyIds: readonly Buffer[];
}

/** The purpose of the key that seals TOTP secrets. */
export const factorSealing = "second factors";

export const keyIdLength = 8;
const nonceLength = 12;
const tagLength = 16;

/** The first secret seals, all open: a SESSION_SECRET can be replaced without losing what was sealed under the old one. */
export const createSealer = (sessionSecrets: readonly string[], purpose: string): Sealer => {
  const keys = sessionSecrets.map((secret) => {
    const key = deriveKey(secret, purpose);
    return { key, id: createHash("sha256").update(key.export()).digest().subarray(0, keyIdLength) };
  });
  const [first] = keys;
  if (first === undefined) throw new Error("createSealer() was given no secret.");
  const idOf = (sealed: Buffer) => sealed.subarray(0, keyIdLength);
  return {
    keyIds: keys.map(({ id }) => id),
    seal(secret, owner) {
      const nonce = randomBytes(nonceLength);
      const cipher = createCipheriv("aes-256-gcm", first.key, nonce).setAAD(Buffer.from(owner));
      const body = Buffer.concat([cipher.update(secret), cipher.final()]);
      return Buffer.concat([first.id, nonce, cipher.getAuthTag(), body]);
    },
    open(sealed, owner) {
      const { key } = keys.find(({ id }) => id.equals(idOf(sealed))) ?? {};
      if (key === undefined) return null;
      const [nonceEnd, tagEnd] = [keyIdLength + nonceLength, keyIdLength + nonceLength + tagLength];
      const nonce = sealed.subarray(keyIdLength, nonceEnd);
      const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: tagLength })
        .setAAD(Buffer.from(owner))
        .setAuthTag(sealed.subarray(nonceEnd, tagEnd));
      try {
        return Buffer.concat([decipher.update(sealed.subarray(tagEnd)), decipher.final()]);
      } catch {
        return null;
      }
    },
    isCurrent: (sealed) => first.id.equals(idOf(sealed)),
  };
};
