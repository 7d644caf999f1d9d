// Logs in with the code that an app got for a login with a provider, and that only this app can use.
import { timingSafeEqual } from "node:crypto";
import { AuditEventType } from "../../../entities/audit-event-type.ts";
import { invalidPendingLogin } from "../../../errors.ts";
import { type ProviderCode, takeProviderCode } from "../../challenges/provider-codes.ts";
import type { WantedCredentials } from "../../challenges/rows.ts";
import type { Context } from "../../context.ts";
import { digest } from "../../secrets/secret.ts";
import { startSession } from "../../sessions/start.ts";

/**
 * Returns null when the user was deactivated, or the credentials changed, since the code was issued. Throws INVALID_TOKEN for a code
 * that is unknown, expired or used, comes with another verifier, or is to set a cookie in another browser.
 */
export async function logInWithProviderCode(
  context: Context,
  { code, verifier, ...wanted }: WantedCredentials & { readonly code: string; readonly verifier: string },
) {
  const { services, exchange } = context;
  const taken = await takeProviderCode(services.database, code);
  const isRight = isOwner(context, taken ?? nobody, { verifier, ...wanted });
  if (taken === null) throw invalidPendingLogin();
  const { userId, generation, proven } = taken;
  context.onLogin(userId);
  if (!isRight) {
    // Somebody else may have read the code on its way to the app.
    recordFailure(context, userId, "WRONG_VERIFIER");
    throw invalidPendingLogin();
  }
  // When is not kept with the code.
  const user = { userId, generation, proven, provenAt: null };
  const started = await startSession(context, user, wanted);
  if (started === null) recordFailure(context, userId, "NOT_ALLOWED");
  if (started?.login == null) return started;
  if (wanted.wantsCookie) services.familiarBrowsers.setCookie(exchange, user);
  await services.hooks.afterLogin(userId);
  return started;
}

const isOwner = (
  { services, exchange }: Context,
  { verifierDigest, browserDigest }: Pick<ProviderCode, "verifierDigest" | "browserDigest">,
  { verifier, wantsCookie }: { readonly verifier: string; readonly wantsCookie: boolean },
): boolean => {
  // A code that another app has caught, or that a page has put into this one, is of another challenge.
  const isVerified = timingSafeEqual(digest(verifier), verifierDigest);
  if (!isVerified || !isVerifier.test(verifier)) return false;
  // Login CSRF: a page must not log its visitor in as the attacker, who knows code and verifier of a login begun elsewhere.
  const browserSecret = services.providerCookie.read(exchange.request) ?? "";
  return !wantsCookie || timingSafeEqual(digest(browserSecret), browserDigest);
};

/** RFC 7636, section 4.1. A shorter one could be guessed from its challenge. */
const isVerifier = /^[A-Za-z0-9._~-]{43,128}$/;

/** Stands for a code that does not exist. */
const nobody = { verifierDigest: digest(""), browserDigest: digest("") };

const recordFailure = ({ services, client }: Context, userId: string, reason: string): void =>
  services.refusals.record({
    type: AuditEventType.LOGIN_FAILED,
    userId,
    actorId: null,
    client,
    details: { reason },
  });
