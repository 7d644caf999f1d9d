// Logging out: whatever the request carried is worthless afterwards.
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { revokePresentedAccessToken } from "../access-tokens/ends.ts";
import type { Context } from "../context.ts";
import { isAccessToken } from "../secrets/secret.ts";
import { endSessionsOf } from "../sessions/ends.ts";

/** Looks at both credentials, where everything else lets the token decide: the cookie must not outlive the visit. */
export const logOut = async (context: Context): Promise<void> => {
  const { cookies, exchange, token, viewers } = context;
  const cookieSecret = cookies.findSecret(exchange.request);
  const userIds =
    token !== null && isAccessToken(token)
      ? await revokeWithCookie(context, token, cookieSecret)
      : await endPresentedSessions(context, cookieSecret);
  for (const userId of userIds) viewers.forget(userId);
  cookies.clear(exchange);
};

/**
 * The viewer's by its id: a change of the password at this moment gives it another secret. A cookie that came with a token may
 * open another one.
 */
const endPresentedSessions = async (
  context: Context,
  cookieSecret: string | null,
): Promise<readonly string[]> => {
  const sessionId = (await context.findViewer())?.sessionId ?? null;
  return endSessionsOf(context.database, { cookieSecret, token: null, sessionId }, logoutFrom(context));
};

/** In one transaction: once the token is revoked, a second try to end the cookie's session too would be refused. */
const revokeWithCookie = (
  context: Context,
  token: string,
  cookieSecret: string | null,
): Promise<readonly string[]> =>
  context.database.transaction().execute(async (transaction) => [
    ...(await revokePresentedAccessToken(transaction, token, {
      actorId: "owner",
      client: context.client,
      details: { reason: "LOGOUT" },
    })),
    ...(cookieSecret === null
      ? []
      : await endSessionsOf(transaction, { cookieSecret, token: null }, logoutFrom(context))),
  ]);

const logoutFrom = ({ client }: Context) =>
  ({ type: AuditEventType.LOGOUT, actorId: "owner", client }) as const;
