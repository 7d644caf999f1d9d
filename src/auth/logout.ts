// Logging out: whatever the request carried is worthless afterwards.
import type { Context } from "./context.ts";
import { endSessionsOf } from "./sessions.ts";

/** Looks at both credentials, where everything else lets the token decide: the cookie must not outlive the visit. */
export const logOut = async ({ database, cookies, exchange, token, viewers }: Context): Promise<void> => {
  const cookieSecret = cookies.findSecret(exchange.request);
  const userIds = await endSessionsOf(database, { cookieSecret, token });
  for (const userId of userIds) viewers.forget(userId);
  cookies.clear(exchange);
};
