// Logging out: whatever the request carried is worthless afterwards.
import { AuditEventType } from "../entities/audit-event-type.ts";
import type { Context } from "./context.ts";
import { endSessionsOf } from "./session-ends.ts";

/** Looks at both credentials, where everything else lets the token decide: the cookie must not outlive the visit. */
export const logOut = async ({
  database,
  client,
  cookies,
  exchange,
  token,
  viewers,
}: Context): Promise<void> => {
  const cookieSecret = cookies.findSecret(exchange.request);
  const userIds = await endSessionsOf(
    database,
    { cookieSecret, token },
    { type: AuditEventType.LOGOUT, actorId: "owner", client },
  );
  for (const userId of userIds) viewers.forget(userId);
  cookies.clear(exchange);
};
