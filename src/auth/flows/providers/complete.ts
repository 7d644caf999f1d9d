// Completes a login with a provider: checks what came back, finds or creates its user, and starts the session.

import { AuditEventType } from "../../../entities/audit-event-type.ts";
import { describeForLog } from "../../../error-log.ts";
import { insertProviderCode, type ProviderCode } from "../../challenges/provider-codes.ts";
import type { Context } from "../../context.ts";
import { type AppReturn, withParameter } from "../../providers/app-links.ts";
import { hasTrustedFactor } from "../../providers/claims.ts";
import { type ProviderClaims, type ProviderClient, ProviderFailure } from "../../providers/client.ts";
import { type TakenLogin, takeProviderLogin } from "../../providers/login-rows.ts";
import { digest } from "../../secrets/secret.ts";
import { type LoginChallenge, startSession } from "../../sessions/start.ts";
import { outcomeOf } from "../counted-login.ts";
import { returnToApp } from "./app-return.ts";
import { linkIdentity } from "./linking.ts";
import type { ProviderOutcome, ProviderUser } from "./outcome.ts";
import { findIdentityUser } from "./user.ts";

/** `search`: the query of the callback. Throws RATE_LIMITED. */
export async function completeProviderLogin(
  context: Context,
  { provider, search }: { readonly provider: ProviderClient; readonly search: string },
): Promise<ProviderOutcome> {
  const { services, client, exchange } = context;
  await services.limits.spend("provider.ip", client);
  const presented = {
    provider: provider.settings.id,
    state: new URLSearchParams(search).get("state") ?? "",
    browserSecret: services.providerCookie.read(exchange.request),
  };
  // Used up before anything is checked, so that a second callback finds nothing.
  const login = await takeProviderLogin(services.database, presented, services.providerSealer);
  if (login === null) {
    services.meter?.countLogin("provider", "refused");
    return { page: "expired" };
  }
  const goOn = () => judge(context, provider, { search, login });
  if (login.app !== null) return returnToApp(login.app, goOn);
  const outcome = await goOn();
  return "page" in outcome && login.linking === null ? { ...outcome, returnTo: login.returnTo } : outcome;
}

const judge = async (
  context: Context,
  provider: ProviderClient,
  { search, login }: { readonly search: string; readonly login: TakenLogin },
): Promise<ProviderOutcome> => {
  const claims = await readClaims(context, provider, { search, login });
  const { linking, returnTo } = login;
  if ("page" in claims) {
    if (linking === null)
      context.services.meter?.countLogin("provider", claims.page === "denied" ? "refused" : "failed");
    return claims;
  }
  if (linking !== null) return linkIdentity(context, { provider, claims, linking, returnTo });
  return logIn(context, { provider, claims, login });
};

const readClaims = async (
  { services }: Context,
  provider: ProviderClient,
  { search, login }: { readonly search: string; readonly login: TakenLogin },
): Promise<ProviderClaims | { readonly page: "denied" | "failed" }> => {
  try {
    return await provider.readLogin(search, login.secrets);
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    if (error.isDenied) return { page: "denied" };
    const details = { provider: provider.settings.id, error: describeForLog(error.cause) };
    services.logger.warn(details, "login with an identity provider failed");
    return { page: "failed" };
  }
};

const logIn = async (
  context: Context,
  {
    provider,
    claims,
    login: { returnTo, app },
  }: { readonly provider: ProviderClient; readonly claims: ProviderClaims; readonly login: TakenLogin },
): Promise<ProviderOutcome> => {
  const { services, exchange } = context;
  const found = await findIdentityUser(context, { provider, claims });
  if ("page" in found) {
    services.meter?.countLogin("provider", "refused");
    return found;
  }
  const { userId, generation } = found;
  context.onLogin(userId);
  const isTrusted = hasTrustedFactor(claims, provider.settings.trustsFactor);
  const proven = isTrusted ? "SECOND_FACTOR" : "PROVIDER";
  const user = { userId, generation, proven, provenAt: claims.authenticatedAt } as const;
  // Never a session in this browser: it is the system's, and may be used by others than the app's user.
  if (app !== null) return handOver(context, user, app);
  const started = await startSession(context, user, { wantsCookie: true, wantsToken: false });
  services.meter?.countLogin("provider", outcomeOf(started));
  if (started === null) {
    recordRefusal(context, userId);
    return { page: "refused" };
  }
  const { challenge } = started;
  if (challenge !== null) return { to: secondStepPage(context, provider, { challenge, returnTo }) };
  services.familiarBrowsers.setCookie(exchange, user);
  await services.hooks.afterLogin(userId);
  return { to: returnTo };
};

/** The gate of second factors comes later, when the app sends the code. */
const handOver = async (
  context: Context,
  user: ProviderUser & Pick<ProviderCode, "proven">,
  { link, challenge }: AppReturn,
): Promise<ProviderOutcome> => {
  const { services, exchange } = context;
  const browserDigest = digest(services.providerCookie.read(exchange.request) ?? "");
  const bound = { ...user, verifierDigest: challenge, browserDigest };
  const code = await insertProviderCode(services.database, bound);
  if (code !== null) return { to: withParameter(link, "code", code) };
  recordRefusal(context, user.userId);
  return { page: "refused" };
};

/** All in the fragment: no server and no `Referer` header sees it. */
const secondStepPage = (
  { services }: Context,
  { settings }: ProviderClient,
  { challenge, returnTo }: { readonly challenge: LoginChallenge; readonly returnTo: string },
): string => {
  const { pendingToken, methods, passkeyOptions } = challenge;
  const waiting = new URLSearchParams({ token: pendingToken, methods: methods.join(",") });
  if (passkeyOptions !== null) waiting.set("passkeyOptions", JSON.stringify(passkeyOptions));
  // Not the place itself: a page cannot judge where a login may lead.
  waiting.set("next", `/login/${settings.id}/return?${new URLSearchParams({ return_to: returnTo })}`);
  return `${services.returnPlaces.publicUrl.origin}/account/complete#${waiting}`;
};

const recordRefusal = ({ services, client }: Context, userId: string): void =>
  services.refusals.record({
    type: AuditEventType.LOGIN_FAILED,
    userId,
    actorId: null,
    client,
    details: { reason: "NOT_ALLOWED" },
  });
