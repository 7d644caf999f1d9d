// Begins a login with a provider: remembers what must come back, and sends the browser there.
import { describeForLog } from "../../../error-log.ts";
import type { Context } from "../../context.ts";
import { type ProviderClient, ProviderFailure } from "../../providers/client.ts";
import { insertProviderLogin, type LinkingSession } from "../../providers/login-rows.ts";
import { findReturnUrl } from "../../providers/return-to.ts";
import { randomSecret } from "../../secrets/secret.ts";
import type { ProviderOutcome } from "./outcome.ts";

/** `returnTo`: as it came from outside. Throws RATE_LIMITED. */
export async function beginProviderLogin(
  context: Context,
  { provider, returnTo }: { readonly provider: ProviderClient; readonly returnTo: string | null },
): Promise<ProviderOutcome> {
  const { services, client } = context;
  await services.limits.spend("provider.ip", client);
  const place = findReturnUrl(returnTo ?? "/", services.returnPlaces);
  if (place === null) return { page: "wrong-place" };
  const to = await sendToProvider(context, { provider, returnTo: place, linking: null });
  return to === null ? { page: "unavailable" } : { to };
}

/** The end of a login that had a second step. `returnTo`: as it came from outside. */
export function returnFromLogin({ services }: Context, returnTo: string | null): ProviderOutcome {
  const place = findReturnUrl(returnTo ?? "/", services.returnPlaces);
  return place === null ? { page: "wrong-place" } : { to: place };
}

/** Returns null when the provider does not say where to send the browser. */
export async function sendToProvider(
  { services, exchange }: Context,
  {
    provider,
    returnTo,
    linking,
  }: {
    readonly provider: ProviderClient;
    readonly returnTo: string;
    readonly linking: LinkingSession | null;
  },
): Promise<string | null> {
  const { database, providerCookie, providerSealer, logger } = services;
  // Several tabs of one browser may log in at once.
  const browserSecret = providerCookie.read(exchange.request) ?? randomSecret();
  const { id } = provider.settings;
  const login = { provider: id, browserSecret, returnTo, linking };
  const secrets = await insertProviderLogin(database, login, providerSealer);
  try {
    const url = await provider.writeLoginUrl(secrets);
    providerCookie.set(exchange, browserSecret);
    return url.href;
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    logger.warn({ provider: id, error: describeForLog(error.cause) }, "identity provider unavailable");
    return null;
  }
}
