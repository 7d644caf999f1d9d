// Keys of their own for each purpose: what one gives away tells nothing about another, nor about what signs cookies.
import { hkdfSync } from "node:crypto";

/** RFC 5869. Of the first SESSION_SECRET is what is made, of all what is recognised: see operating.md on replacing it. */
export const deriveKey = (sessionSecret: string, purpose: string): Buffer =>
  Buffer.from(hkdfSync("sha256", sessionSecret, "", `graphward ${purpose}`, 32));
