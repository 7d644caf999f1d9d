// LOGIN_APP_LINKS: where a login that a mobile or desktop app has begun comes back to (RFC 8252, section 7).
import { z } from "zod";

/** Its link names the port on which the app listens at the moment. Not `localhost`, which another machine may have. */
const loopback = /^http:\/\/(?:127\.0\.0\.1|\[::1\])\//;

/** With a dot, as the reversed domain of its owner: `javascript:`, `data:` and all other schemes that a browser knows have none. */
const privateUse = /^[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)+:\//;

export function toAppLink(text: string, context: z.RefinementCtx): string {
  const isKnown = text.startsWith("https://") || loopback.test(text) || privateUse.test(text);
  // Later links are compared as texts, so only one spelling is right: the one that `URL` writes.
  const url = isKnown && !/[?#*\\]/.test(text) && URL.canParse(text) ? new URL(text) : null;
  if (url !== null && url.href === text && url.username + url.password === "") return text;
  context.addIssue(
    `${JSON.stringify(text)} must be a link such as https://app.example.com/login, com.example.app:/login or http://127.0.0.1/login, without a query`,
  );
  return z.NEVER as never;
}
