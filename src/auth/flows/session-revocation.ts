// What viewers do to their own sessions. No recent login is asked for: somebody who finds a stranger there must be able to act at once.
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { forbidden, notFound } from "../../errors.ts";
import type { Context } from "../context.ts";
import { changeUser, endCredentials } from "../endings.ts";
import { endEverySession, endSession } from "../sessions/ends.ts";
import type { Viewer } from "../viewer/viewer.ts";

/** Throws NOT_FOUND for a session that is not the viewer's, there or not. */
export async function revokeSession(
  context: Context,
  { viewer, id }: { readonly viewer: Viewer; readonly id: string },
): Promise<void> {
  const { services, client } = context;
  const { userId } = viewer;
  const isOwnLogout = id.toLowerCase() === viewer.sessionId;
  const type = isOwnLogout ? AuditEventType.LOGOUT : AuditEventType.SESSION_REVOKED;
  const ending = { type, actorId: userId, client } as const;
  const isEnded = await changeUser(services, userId, (transaction) =>
    endSession(transaction, { id, userId }, ending),
  );
  if (!isEnded) throw notFound();
  await clearEndedCookie(context);
}

/** Returns how many were ended. Throws FORBIDDEN for an access token, which has no session that could stay. */
export async function revokeOtherSessions(
  context: Context,
  { viewer }: { readonly viewer: Viewer },
): Promise<number> {
  const { services, client } = context;
  const { userId, sessionId } = viewer;
  if (sessionId === null) throw forbidden();
  const user = { userId, keptSessionId: sessionId };
  const count = await changeUser(services, userId, (transaction) =>
    endCredentials(transaction, "otherSessionsRevoked", user, { actorId: userId, client }),
  );
  await clearEndedCookie(context);
  return count;
}

/** As a logout does, of every session of the viewer. Access tokens stay: scripts go on. */
export async function logOutEverywhere(
  { services, client, exchange }: Context,
  { viewer }: { readonly viewer: Viewer },
): Promise<void> {
  // The cookie may be somebody else's, when a token came too: it must not outlive the visit either.
  const cookieSecret = services.sessionCookies.findSecret(exchange.request);
  const userIds = await endEverySession(
    services.database,
    { userId: viewer.userId, cookieSecret },
    {
      type: AuditEventType.SESSION_REVOKED,
      actorId: "owner",
      client,
      details: { reason: "LOGOUT_EVERYWHERE" },
    },
  );
  services.viewers.forget(...userIds);
  services.sessionCookies.clearCookie(exchange);
}

/** With a token, the cookie may be of another session: one that goes on is left alone. */
const clearEndedCookie = async ({ services, exchange }: Context): Promise<void> => {
  const cookie = services.sessionCookies.readCookie(exchange.request);
  if (cookie !== undefined && (await services.viewers.find("cookie", cookie)) === null)
    services.sessionCookies.clearCookie(exchange);
};
