// Asks a service whether a password was in a breach, without revealing the password.
import { hash } from "node:crypto";
import { leavesTheMachine } from "../../config/network/hosts.ts";
import { seconds } from "../../time.ts";
import { inSpan } from "../../tracing/spans.ts";
import { currentTraceHeaders } from "../../tracing/traceparent.ts";
import { findCanonicalPassword } from "../text/passwords.ts";

/** Returns true for a password from a known breach. Never throws: an unavailable service must not block registration. */
export type IsBreached = (password: string) => Promise<boolean>;

/** Used when no service is configured. */
export const neverBreached: IsBreached = async () => false;

const maxWait = seconds(1);
/** Hexadecimal digits of the digest. Hundreds of passwords share them, so the service learns almost nothing. */
const prefixLength = 5;

/**
 * k-anonymity, as in https://haveibeenpwned.com/API/v3#PwnedPasswords: `url` and the first five digits of the SHA-1 return lines
 * of `rest:count`. `Add-Padding` hides the length of the response from the network; padding lines have the count 0.
 */
export const createBreachCheck = (url: URL | null, onError: (error: unknown) => void): IsBreached => {
  if (url === null) return neverBreached;
  return inSpan({ name: "breached passwords", kind: "CLIENT" }, async (password) => {
    const digest = hash("sha1", findCanonicalPassword(password) ?? "", "hex").toUpperCase();
    const range = new URL(digest.slice(0, prefixLength), url);
    try {
      const response = await fetch(range, {
        // A trace id would tell a service of others which of its requests are one person's.
        headers: {
          "add-padding": "true",
          "user-agent": "graphward",
          ...(leavesTheMachine(url) ? {} : currentTraceHeaders()),
        },
        redirect: "error",
        signal: AbortSignal.timeout(maxWait),
      });
      if (!response.ok) throw new Error(`The service answered ${response.status}.`);
      return isListed(await response.text(), digest.slice(prefixLength));
    } catch (error) {
      onError(error);
      return false;
    }
  });
};

const isListed = (lines: string, rest: string): boolean =>
  lines.split(/\r?\n/).some((line) => {
    const [suffix = "", count = ""] = line.trim().split(":");
    return suffix.toUpperCase() === rest && Number(count) > 0;
  });
