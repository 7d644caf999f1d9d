// Logging out: every credential that the request carried is worthless afterwards.
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { revokePresentedAccessToken } from "../access-tokens/ends.ts";
import type { Context } from "../context.ts";
import { isAccessToken } from "../secrets/secret.ts";
import { endSessionsOf } from "../sessions/ends.ts";

/** Looks at both credentials, where everything else lets the token decide: the cookie must not outlive the visit. */
export async function logOut(context: Context): Promise<void> {
  const { services, exchange, token } = context;
  const cookieSecret = services.sessionCookies.findSecret(exchange.request);
  const userIds =
    token !== null && isAccessToken(token)
      ? await revokeWithCookie(context, token, cookieSecret)
      : await endPresentedSessions(context, cookieSecret);
  services.viewers.forget(...userIds);
  services.sessionCookies.clearCookie(exchange);
}

/**
 * The viewer's session by its id: a change of the password at this moment gives it another secret. A cookie that came with a token
 * may open another session, which ends too.
 */
const endPresentedSessions = async (
  context: Context,
  cookieSecret: string | null,
): Promise<readonly string[]> => {
  const sessionId = (await context.findViewer())?.sessionId ?? null;
  const credentials = { cookieSecret, token: null, sessionId };
  return endSessionsOf(context.services.database, credentials, logoutFrom(context));
};

/** In one transaction: once the token is revoked, a second try to end the cookie's session too would be refused. */
const revokeWithCookie = (
  context: Context,
  token: string,
  cookieSecret: string | null,
): Promise<readonly string[]> =>
  context.services.database.transaction().execute(async (transaction) => [
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
