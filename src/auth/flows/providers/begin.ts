// Begins a login with a provider: remembers what must come back, and sends the browser there.
import { describeForLog } from "../../../error-log.ts";
import type { Context } from "../../context.ts";
import { readAppReturn } from "../../providers/app-links.ts";
import { type ProviderClient, ProviderFailure } from "../../providers/client.ts";
import { insertProviderLogin, type LinkingSession } from "../../providers/login-rows.ts";
import { findReturnUrl } from "../../providers/return-to.ts";
import { randomSecret } from "../../secrets/secret.ts";
import { returnToApp } from "./app-return.ts";
import type { ProviderOutcome } from "./outcome.ts";

/** `parameters`: as they came from outside. Throws RATE_LIMITED. */
export async function beginProviderLogin(
  context: Context,
  { provider, parameters }: { readonly provider: ProviderClient; readonly parameters: URLSearchParams },
): Promise<ProviderOutcome> {
  const { services, client } = context;
  await services.limits.spend("provider.ip", client);
  const app = readAppReturn(parameters, services.appLinks);
  if (app === "wrong") {
    services.logger.info(
      { provider: provider.settings.id },
      "login refused: no link of LOGIN_APP_LINKS, or no challenge",
    );
    return { page: "wrong-app" };
  }
  const again = parameters.get("prompt") === "login";
  const begin = async (login: Pick<NewLogin, "returnTo" | "appChallenge">): Promise<ProviderOutcome> => {
    const to = await sendToProvider(context, { ...login, provider, again, linking: null });
    return to === null ? { page: "unavailable", returnTo: login.returnTo } : { to };
  };
  if (app !== null) return returnToApp(app, () => begin({ returnTo: app.link, appChallenge: app.challenge }));
  const place = findReturnUrl(parameters.get("return_to") ?? "/", services.returnPlaces);
  if (place !== null) return begin({ returnTo: place, appChallenge: null });
  services.logger.info(
    { provider: provider.settings.id },
    "login refused: return_to is of no origin in LOGIN_RETURN_TO",
  );
  return { page: "wrong-place" };
}

/** The end of a login that had a second step. `returnTo`: as it came from outside. */
export function returnFromLogin({ services }: Context, returnTo: string | null): ProviderOutcome {
  const place = findReturnUrl(returnTo ?? "/", services.returnPlaces);
  return place === null ? { page: "wrong-place" } : { to: place };
}

interface NewLogin {
  readonly provider: ProviderClient;
  /** Whether the provider is to ask the user, though it has a session. */
  readonly again: boolean;
  readonly returnTo: string;
  /** Null: no app has begun it. */
  readonly appChallenge: Buffer | null;
  readonly linking: LinkingSession | null;
}

/** Returns null when the provider does not say where to send the browser. */
export async function sendToProvider(
  { services, exchange }: Context,
  { provider, again, ...begun }: NewLogin,
): Promise<string | null> {
  const { database, providerCookie, providerSealer, logger } = services;
  // Several tabs of one browser may log in at once.
  const browserSecret = providerCookie.read(exchange.request) ?? randomSecret();
  const { id } = provider.settings;
  const login = { ...begun, provider: id, browserSecret };
  const secrets = await insertProviderLogin(database, login, providerSealer);
  try {
    const url = await provider.writeLoginUrl(secrets, { again });
    providerCookie.set(exchange, browserSecret);
    return url.href;
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    logger.warn({ provider: id, error: describeForLog(error.cause) }, "identity provider unavailable");
    return null;
  }
}
