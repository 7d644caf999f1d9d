// What a credential must look like before it is worth a query. Knows no database.
import { unsign } from "cookie-signature";
import { isWellFormedToken } from "./secret.ts";

/** Each of the two secrets has a column of its own, so that a session id is no token and a token is no cookie. */
export type Credential = "cookie" | "token";

/** The secret behind what was presented; null for what nobody was ever given: guesses cost no query. */
export type FindSecret = (credential: Credential, presented: string) => string | null;

/** The first of the secrets signs, all verify. */
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
