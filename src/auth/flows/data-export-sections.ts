// The sections of an export: the rows of each table that knows the user, under the names of their columns.
import { sql } from "kysely";
import type { Database } from "../../database/tables.ts";
import { eventCursorOf } from "../audit/page.ts";
import { pageOf } from "../page.ts";
import { deviceOfSession, impersonatorOfSession } from "../sessions/rows.ts";

export const exportAccount = (database: Database, userId: string) =>
  database
    .selectFrom("users")
    .select(["id", "username", "roles", "is_active as isActive"])
    // As it was typed, as everywhere: whoever registers with an address would read here whether somebody has it.
    .select(sql<string | null>`coalesce(email, pending_email)`.as("email"))
    .select(["email_verified_at as emailVerifiedAt", "last_login_at as lastLoginAt"])
    .select(["created_at as createdAt", "new_device_mail as newDeviceMail"])
    .where("id", "=", userId)
    .executeTakeFirst();

/** Those too that have expired and are still there. Whoever acts as the person is told by id alone, as in the audit trail. */
export const exportSessions = (database: Database, userId: string) =>
  database
    .selectFrom("sessions")
    .select(["id", "created_at as createdAt"])
    .select([impersonatorOfSession.as("impersonatedBy"), ...deviceOfSession])
    .select(["last_used_at as lastUsedAt", "authenticated_at as authenticatedAt"])
    .select(["idle_expires_at as idleExpiresAt", "absolute_expires_at as absoluteExpiresAt"])
    .select(sql<boolean>`cookie_digest is not null`.as("hasCookie"))
    .select(sql<boolean>`token_digest is not null`.as("hasToken"))
    .where("user_id", "=", userId)
    .orderBy("created_at", "desc")
    .execute();

export const exportAccessTokens = (database: Database, userId: string) =>
  database
    .selectFrom("access_tokens")
    .select(["id", "name", "hint", "scopes", "expires_at as expiresAt"])
    .select(["last_used_at as lastUsedAt", "created_at as createdAt"])
    .where("user_id", "=", userId)
    .orderBy("created_at", "desc")
    .execute();

/** Sent by mail, and not used yet. */
export const exportLinks = (database: Database, userId: string) =>
  database
    .selectFrom("one_time_tokens")
    .select(["id", "purpose", "sent_to as sentTo", "expires_at as expiresAt", "created_at as createdAt"])
    .where("user_id", "=", userId)
    .orderBy("created_at", "desc")
    .execute();

/** Only the server can tell which they are. */
export const exportKnownDevices = (database: Database, userId: string) =>
  database
    .selectFrom("known_devices")
    .select("last_seen_at as lastSeenAt")
    .where("user_id", "=", userId)
    .orderBy("last_seen_at", "desc")
    .execute();

/** Names that the account had, kept from others for a while. What they were is not stored. */
export const exportReservedUsernames = (database: Database, userId: string) =>
  database
    .selectFrom("reserved_usernames")
    .select("reserved_until as reservedUntil")
    .where("user_id", "=", userId)
    .orderBy("reserved_until", "desc")
    .execute();

/** A few megabytes: the trail of a script that logs in all day must not fill the memory. */
const maxEvents = 10_000;

/** Newest first. Where there are more, `auditEvents(after: endCursor)` goes on. */
export const exportAuditEvents = async (database: Database, userId: string) => {
  // Of an event between two people, each gets the half that tells of them: who acted the address and the device, whose
  // account it is the rest.
  const isActor = sql<boolean>`(actor_id is null or actor_id = ${userId}::uuid)`;
  const rows = await database
    .selectFrom("audit_events")
    .select(["id", "at", "type", "user_id as userId", "actor_id as actorId", "session_id as sessionId"])
    .select([
      sql<string | null>`case when ${isActor} then ip_address end`.as("ipAddress"),
      sql<string | null>`case when ${isActor} then user_agent end`.as("userAgent"),
      "details",
      sql<unknown>`case when user_id = ${userId}::uuid then personal end`.as("personal"),
    ])
    .where((row) => row.or([row("user_id", "=", userId), row("actor_id", "=", userId)]))
    .orderBy("id", "desc")
    .limit(maxEvents + 1)
    .execute();
  const { rows: events, hasNextPage } = pageOf(rows, maxEvents);
  const last = events.at(-1);
  return { events, hasNextPage, endCursor: last === undefined ? null : eventCursorOf(last) };
};
