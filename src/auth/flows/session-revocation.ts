// Revokes the viewer's sessions. Needs no recent login: a user who notices an intruder must be able to act at once.
import { transact } from "../../database/transaction.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { forbidden, notFound } from "../../errors.ts";
import { endChallengesOf } from "../challenges/rows.ts";
import type { Context } from "../context.ts";
import { changeUser, endCredentials } from "../endings.ts";
import { endTrustedBrowsersOf } from "../factors/trusted-browsers.ts";
import { endEverySession, endSession } from "../sessions/ends.ts";
import type { Viewer } from "../viewer/viewer.ts";

/** Returns the id as stored. Throws NOT_FOUND for a session that is not the viewer's, existing or not. */
export async function revokeSession(
  context: Context,
  { viewer, id: given }: { readonly viewer: Viewer; readonly id: string },
): Promise<string> {
  const { services, client } = context;
  const { userId } = viewer;
  const id = given.toLowerCase();
  const isOwnLogout = id === viewer.sessionId;
  const type = isOwnLogout ? AuditEventType.LOGOUT : AuditEventType.SESSION_REVOKED;
  const ending = { type, actorId: userId, client } as const;
  const isEnded = await changeUser(services, userId, (transaction) =>
    endSession(transaction, { id, userId }, ending),
  );
  if (!isEnded) throw notFound();
  await clearEndedCookie(context);
  return id;
}

/** Returns how many were ended. Throws FORBIDDEN for an access token, which has no session to keep. */
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

/** Ends every session of the viewer, and the trust in browsers. Access tokens stay: scripts go on. */
export async function logOutEverywhere(
  { services, client, exchange }: Context,
  { viewer }: { readonly viewer: Viewer },
): Promise<void> {
  // A cookie sent with a token may be another user's session, which must not survive a logout either.
  const cookieSecret = services.sessionCookies.findSecret(exchange.request);
  const { userId } = viewer;
  const ending = {
    type: AuditEventType.SESSION_REVOKED,
    actorId: "owner",
    client,
    details: { reason: "LOGOUT_EVERYWHERE" },
  } as const;
  const userIds = await transact(services.database, async (transaction) => {
    await endTrustedBrowsersOf(transaction, userId);
    await endChallengesOf(transaction, userId);
    return endEverySession(transaction, { userId, cookieSecret }, ending);
  });
  services.viewers.forget(...userIds);
  services.sessionCookies.clearCookie(exchange);
}

/** A cookie sent with a token may belong to another session: if that goes on, the cookie stays. */
const clearEndedCookie = async ({ services, exchange }: Context): Promise<void> => {
  const cookie = services.sessionCookies.readCookie(exchange.request);
  if (cookie !== undefined && (await services.viewers.find("cookie", cookie)) === null)
    services.sessionCookies.clearCookie(exchange);
};
