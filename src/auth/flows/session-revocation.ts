// What viewers do to their own devices. No recent login is asked for: whoever finds a stranger there must be able to act at once.
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { forbidden, notFound } from "../../errors.ts";
import type { Context } from "../context.ts";
import { type Ending, endEverySession, endOtherSessionsOfUser, endSession } from "../sessions/ends.ts";
import type { Viewer } from "../viewer/viewer.ts";

/** Throws NOT_FOUND for what is not the viewer's, there or not. */
export const revokeSession = async (context: Context, viewer: Viewer, id: string): Promise<void> => {
  const { userId } = viewer;
  const isOwnLogout = id.toLowerCase() === viewer.sessionId;
  const type = isOwnLogout ? AuditEventType.LOGOUT : AuditEventType.SESSION_REVOKED;
  const isEnded = await endSession(context.database, { id, userId }, endingBy(context, viewer, { type }));
  if (!isEnded) throw notFound();
  context.viewers.forget(userId);
  await clearEndedCookie(context);
};

/** How many were ended. */
export const revokeOtherSessions = async (context: Context, viewer: Viewer): Promise<number> => {
  const { userId, sessionId } = viewer;
  // An access token has no session that could stay.
  if (sessionId === null) throw forbidden();
  const ending = endingBy(context, viewer);
  const count = await endOtherSessionsOfUser(context.database, { userId, sessionId }, ending);
  context.viewers.forget(userId);
  await clearEndedCookie(context);
  return count;
};

/** As a logout does, of every device. Access tokens stay: scripts go on. */
export const logOutEverywhere = async (context: Context, viewer: Viewer): Promise<void> => {
  const { cookies, exchange, viewers } = context;
  // Somebody else's, when a token came too: it must not outlive the visit either.
  const cookieSecret = cookies.findSecret(exchange.request);
  const ending = endingBy(context, viewer, { actorId: "owner", details: { reason: "LOGOUT_EVERYWHERE" } });
  const userIds = await endEverySession(context.database, { userId: viewer.userId, cookieSecret }, ending);
  for (const userId of userIds) viewers.forget(userId);
  cookies.clear(exchange);
};

const endingBy = ({ client }: Context, { userId }: Viewer, ending: Partial<Ending> = {}): Ending => ({
  type: AuditEventType.SESSION_REVOKED,
  actorId: userId,
  client,
  ...ending,
});

/** With a token, the cookie may be of another session: one that goes on is left alone. */
const clearEndedCookie = async ({ cookies, exchange, viewers }: Context): Promise<void> => {
  const cookie = cookies.findValue(exchange.request);
  if (cookie !== undefined && (await viewers.find("cookie", cookie)) === null) cookies.clear(exchange);
};
