// Logs out: every credential of the request becomes invalid.
import { transact } from "../../database/transaction.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { revokePresentedAccessToken } from "../access-tokens/ends.ts";
import { endChallengesOfBrowser } from "../challenges/rows.ts";
import type { Context } from "../context.ts";
import { isAccessToken } from "../secrets/secret.ts";
import { endSessionsOf } from "../sessions/ends.ts";

/** Ends both credentials of the request, although elsewhere the token takes precedence: the cookie must not survive a logout. */
export async function logOut(context: Context): Promise<void> {
  const { services, exchange, token } = context;
  const cookieSecret = services.sessionCookies.findSecret(exchange.request);
  const userIds =
    token !== null && isAccessToken(token)
      ? await revokeWithCookie(context, token, cookieSecret)
      : await endPresentedSessions(context, cookieSecret);
  services.viewers.forget(...userIds);
  services.sessionCookies.clearCookie(exchange);
  await endPendingLogin(context);
}

/** A login that this browser has not completed: a person who logs out expects that nothing is left half open. */
const endPendingLogin = async ({ services, exchange }: Context): Promise<void> => {
  const browserSecret = services.pendingCookie.read(exchange.request);
  if (browserSecret === null) return;
  await endChallengesOfBrowser(services.database, browserSecret);
  services.pendingCookie.clear(exchange);
};

/**
 * Finds the viewer's session by its id, because a concurrent change of the password gives it another secret. A cookie sent with a
 * token may belong to another session, which ends too.
 */
const endPresentedSessions = async (
  context: Context,
  cookieSecret: string | null,
): Promise<readonly string[]> => {
  const sessionId = (await context.findViewer())?.sessionId ?? null;
  const credentials = { cookieSecret, token: null, sessionId };
  return endSessionsOf(context.services.database, credentials, logoutFrom(context));
};

/** In one transaction: once the token is revoked, a retry for the cookie's session would be refused. */
const revokeWithCookie = (
  context: Context,
  token: string,
  cookieSecret: string | null,
): Promise<readonly string[]> =>
  transact(context.services.database, async (transaction) => [
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
