// Asks a service whether a password was in a breach, without telling it the password.
import { hash } from "node:crypto";
import { seconds } from "../../time.ts";
import { findCanonicalPassword } from "../text/passwords.ts";

/** True when the password is known from a breach. Never throws: a service that is away must not stop people from registering. */
export type IsBreached = (password: string) => Promise<boolean>;

/** Where no service is configured. */
export const neverBreached: IsBreached = async () => false;

const maxWait = seconds(1);
/** Of the digest, in hexadecimal. Hundreds of passwords share them: the service learns as good as nothing. */
const prefixLength = 5;

/**
 * k-anonymity as https://haveibeenpwned.com/API/v3#PwnedPasswords has it: `url` and the first five digits of the SHA-1 give lines
 * of `rest:count`. `Add-Padding` hides from the network how long the true answer is; what is added has the count 0.
 */
export const createBreachCheck = (url: URL | null, onError: (error: unknown) => void): IsBreached => {
  if (url === null) return neverBreached;
  return async (password) => {
    const digest = hash("sha1", findCanonicalPassword(password) ?? "", "hex").toUpperCase();
    const range = new URL(digest.slice(0, prefixLength), url);
    try {
      const response = await fetch(range, {
        headers: { "add-padding": "true", "user-agent": "graphward" },
        redirect: "error",
        signal: AbortSignal.timeout(maxWait),
      });
      if (!response.ok) throw new Error(`The service answered ${response.status}.`);
      return isListed(await response.text(), digest.slice(prefixLength));
    } catch (error) {
      onError(error);
      return false;
    }
  };
};

const isListed = (lines: string, rest: string): boolean =>
  lines.split(/\r?\n/).some((line) => {
    const [suffix = "", count = ""] = line.trim().split(":");
    return suffix.toUpperCase() === rest && Number(count) > 0;
  });
