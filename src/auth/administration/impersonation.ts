// Acting as another user: a session of its own, which ends with the one that began it.
import { sql } from "kysely";
import { validate as isUuid, v7 as uuidv7 } from "uuid";
import { fromNow } from "../../database/durations.ts";
import type { Database } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { forbidden, notFound, unauthenticated } from "../../errors.ts";
import { hours } from "../../time.ts";
import { recordEvent } from "../audit/record.ts";
import { mayActAs } from "../authentication/impersonator.ts";
import type { Context } from "../context.ts";
import { enqueueMail } from "../outgoing-mail.ts";
import { digest, makeToken } from "../secrets/secret.ts";
import { endImpersonationsOf } from "../sessions/ends.ts";
import { requireRecentLogin } from "../sessions/recent-login.ts";
import type { Client } from "../viewer/client.ts";
import { type PersonalViewer, userColumns, type Viewer } from "../viewer/viewer.ts";

/** Used or not. */
const longest = hours(1);

/**
 * The token is shown this once, and there is no cookie: see docs/decisions/impersonation.md. Ends what the same session has
 * begun before. Throws NOT_FOUND, REAUTHENTICATION_REQUIRED, or FORBIDDEN for a
 * user as whom the viewer may not act.
 */
export async function impersonate(
  { services, client }: Context,
  { viewer, userId }: { readonly viewer: Viewer; readonly userId: string },
) {
  const actor = await requireRecentLogin(services.database, viewer);
  // An id is any text: PostgreSQL would fail on one that is no UUID.
  if (!isUuid(userId)) throw notFound();
  const token = makeToken("gws_");
  return services.database.transaction().execute(async (transaction) => {
    const { isActive, ...user } = await requireAccount(transaction, userId);
    const isAllowed = mayActAs(services.authority, actor, user);
    if (!isActive || user.id === actor.userId || !isAllowed) throw forbidden();
    await lockSession(transaction, actor.sessionId);
    await endImpersonationsOf(transaction, actor.sessionId, { actorId: actor.userId, client });
    const begun = await insertSession(transaction, { userId: user.id, actor, token, client });
    await recordEvent(transaction, {
      type: AuditEventType.IMPERSONATION_STARTED,
      userId: user.id,
      actorId: actor.userId,
      sessionId: begun.id,
      client,
      // When it ends by itself, no event tells.
      details: { expiresAt: begun.expiresAt.toISOString() },
    });
    await enqueueMail(transaction, { template: "impersonated", userId: user.id, by: actor.user.username });
    return { token, expiresAt: begun.expiresAt, user };
  });
}

/** For whoever acts as somebody, or for the session that began it: the token may be lost. Nothing to stop is no failure. */
export async function stopImpersonating(
  { services, client }: Context,
  { viewer }: { readonly viewer: Viewer },
): Promise<void> {
  if (viewer.sessionId === null) throw forbidden();
  await endImpersonationsOf(services.database, viewer.sessionId, { actorId: "owner", client });
}

/** Locked: whatever ends the account's sessions meanwhile, such as its deactivation, ends this one too. */
const requireAccount = async (transaction: Database, userId: string) => {
  const account = await transaction
    .selectFrom("users")
    .select(userColumns)
    .select("users.is_active as isActive")
    .where("users.id", "=", userId)
    .forShare()
    .executeTakeFirst();
  if (account === undefined) throw notFound();
  return account;
};

/** Of two at the same moment, the second ends what the first has begun. Gone when the actor has logged out meanwhile. */
const lockSession = async (transaction: Database, id: string): Promise<void> => {
  const session = await transaction
    .selectFrom("sessions")
    .select("id")
    .where("id", "=", id)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (session === undefined) throw unauthenticated();
};

interface Beginning {
  readonly userId: string;
  readonly actor: PersonalViewer;
  readonly token: string;
  readonly client: Client;
}

const insertSession = (transaction: Database, { userId, actor, token, client }: Beginning) => {
  const end = sql<Date>`(select least(${fromNow(longest)}, absolute_expires_at)
    from sessions where id = ${actor.sessionId})`;
  return transaction
    .insertInto("sessions")
    .values({
      id: uuidv7(),
      user_id: userId,
      actor_session_id: actor.sessionId,
      token_digest: digest(token),
      user_agent: client.userAgent,
      ip_address: client.ipAddress,
      idle_expires_at: end,
      absolute_expires_at: end,
    })
    .returning(["id", "absolute_expires_at as expiresAt"])
    .executeTakeFirstOrThrow();
};
