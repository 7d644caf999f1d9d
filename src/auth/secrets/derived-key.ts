// Derives a key for each purpose, so that a leaked key reveals nothing about another, or about the one that signs cookies.
import { hkdfSync } from "node:crypto";

/** RFC 5869. The first SESSION_SECRET creates, all recognise: see operating.md on replacing it. */
export const deriveKey = (sessionSecret: string, purpose: string): Buffer =>
  Buffer.from(hkdfSync("sha256", sessionSecret, "", `graphward ${purpose}`, 32));
