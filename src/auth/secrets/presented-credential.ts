// Checks the format of a credential before it costs a query. Knows no database.
import { unsign } from "cookie-signature";
import { isWellFormedToken } from "./secret.ts";

/** The two secrets have separate columns, so that neither is accepted in place of the other. */
export type Credential = "cookie" | "token";

/** Returns the secret of a presented credential, or null for one that was never issued, so that guesses cost no query. */
export type FindSecret = (credential: Credential, presented: string) => string | null;

/** The first secret signs, all verify. */
export const createSecretFinder =
  (sessionSecrets: readonly string[]): FindSecret =>
  (credential, presented) => {
    if (credential === "token") return isWellFormedToken(presented) ? presented : null;
    const cookie = findDecoded(presented);
    if (!cookie?.startsWith("s:")) return null;
    for (const sessionSecret of sessionSecrets) {
      const secret = unsign(cookie.slice(2), sessionSecret);
      if (secret !== false) return secret;
    }
    return null;
  };

const findDecoded = (value: string): string | null => {
  try {
    return decodeURIComponent(value);
  } catch {
    return null;
  }
};
