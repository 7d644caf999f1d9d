// Logging out: whatever the request carried is worthless afterwards.
import type { Context } from "./context.ts";
import { endSessionsOf } from "./sessions.ts";

/** Looks at both credentials, where everything else lets the token decide: the cookie must not outlive the visit. */
export const logOut = async ({ database, cookies, exchange, token }: Context): Promise<void> => {
  await endSessionsOf(database, { cookieSecret: cookies.findSecret(exchange.request), token });
  cookies.clear(exchange);
};
