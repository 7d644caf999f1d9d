// Derives a key for each purpose, so that a leaked key reveals nothing about another, or about the one that signs cookies.
import { createSecretKey, hkdfSync, type KeyObject } from "node:crypto";

/** A key object, not its bytes: an HMAC with these takes five times as long. RFC 5869. The first SESSION_SECRET creates, all recognise: see operating.md on replacing it. */
export const deriveKey = (sessionSecret: string, purpose: string): KeyObject =>
  createSecretKey(Buffer.from(hkdfSync("sha256", sessionSecret, "", `graphward ${purpose}`, 32)));
