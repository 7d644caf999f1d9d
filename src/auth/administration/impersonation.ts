// Acts as another user in a separate session, which ends with the session that started it.
import { sql } from "kysely";
import { validate as isUuid, v7 as uuidv7 } from "uuid";
import { fromNow } from "../../database/durations.ts";
import { ownTable } from "../../database/own-schema.ts";
import type { Database } from "../../database/tables.ts";
import { transact } from "../../database/transaction.ts";
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

/** Absolute lifetime, used or not. */
const maxLifetime = hours(1);

/**
 * The token is shown only once, and there is no cookie: see docs/decisions/impersonation.md. Ends an earlier impersonation that
 * the same session started. Throws NOT_FOUND, REAUTHENTICATION_REQUIRED, or FORBIDDEN for a user whom the viewer may not
 * impersonate.
 */
export async function impersonate(
  { services, client }: Context,
  { viewer, userId }: { readonly viewer: Viewer; readonly userId: string },
) {
  const actor = await requireRecentLogin(services.database, services, viewer);
  // Checked first: PostgreSQL fails on text that is not a UUID.
  if (!isUuid(userId)) throw notFound();
  const token = makeToken("gws_");
  return transact(services.database, async (transaction) => {
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
      // No event records the expiry, so this one does.
      details: { expiresAt: begun.expiresAt.toISOString() },
    });
    await enqueueMail(transaction, { template: "impersonated", userId: user.id, by: actor.user.username });
    return { token, expiresAt: begun.expiresAt, user };
  });
}

/**
 * Callable by the impersonator, or by the session that started it, because the token may be lost. Succeeds when there is nothing
 * to stop.
 */
export async function stopImpersonating(
  { services, client }: Context,
  { viewer }: { readonly viewer: Viewer },
): Promise<void> {
  if (viewer.sessionId === null) throw forbidden();
  await endImpersonationsOf(services.database, viewer.sessionId, { actorId: "owner", client });
}

/** Locks the row, so that an act that ends the user's sessions at the same moment, such as a deactivation, ends this one too. */
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

/** When two start at the same moment, the second ends the first. Fails when the actor has logged out meanwhile. */
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
  const end = sql<Date>`(select least(${fromNow(maxLifetime)}, absolute_expires_at)
    from ${ownTable("sessions")} where id = ${actor.sessionId})`;
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
