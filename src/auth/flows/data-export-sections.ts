// The sections of a data export: the user's rows of each table, under their column names.
import { sql } from "kysely";
import type { Database } from "../../database/tables.ts";
import { eventCursorOf } from "../audit/page.ts";
import { deviceOfSession, impersonatorOfSession } from "../sessions/rows.ts";

export const exportAccount = (database: Database, userId: string) =>
  database
    .selectFrom("users")
    .select(["id", "username", "display_name as displayName", "locale", "roles", "is_active as isActive"])
    // As typed, even when another user has the email: otherwise a registration would reveal whether the email is taken.
    .select(sql<string | null>`coalesce(email, pending_email)`.as("email"))
    .select(["email_verified_at as emailVerifiedAt", "last_login_at as lastLoginAt"])
    .select(["created_at as createdAt", "new_device_mail as newDeviceMail"])
    .where("id", "=", userId)
    .executeTakeFirst();

/** Includes expired sessions that were not pruned yet. Shows only the id of an impersonator, as the audit trail does. */
export const exportSessions = (database: Database, userId: string) =>
  database
    .selectFrom("sessions")
    .select(["id", "created_at as createdAt"])
    .select([impersonatorOfSession.as("impersonatedBy"), ...deviceOfSession])
    .select(["last_used_at as lastUsedAt", "authenticated_at as authenticatedAt"])
    .select("second_factor_at as secondFactorAt")
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

/** Logins with providers. */
export const exportIdentities = (database: Database, userId: string) =>
  database
    .selectFrom("identities")
    .select(["id", "provider", "issuer", "subject", "email"])
    .select(["linked_at as linkedAt", "last_used_at as lastUsedAt"])
    .where("user_id", "=", userId)
    .orderBy("linked_at", "desc")
    .execute();

/** Unused links that were sent by mail. */
export const exportLinks = (database: Database, userId: string) =>
  database
    .selectFrom("one_time_tokens")
    .select(["id", "purpose", "sent_to as sentTo", "expires_at as expiresAt", "created_at as createdAt"])
    .where("user_id", "=", userId)
    .orderBy("created_at", "desc")
    .execute();

/** Digests, which only the server can match to a device. */
export const exportKnownDevices = (database: Database, userId: string) =>
  database
    .selectFrom("known_devices")
    .select("last_seen_at as lastSeenAt")
    .where("user_id", "=", userId)
    .orderBy("last_seen_at", "desc")
    .execute();

/** Former usernames, reserved for a while. Only their digests are stored. */
export const exportReservedUsernames = (database: Database, userId: string) =>
  database
    .selectFrom("reserved_usernames")
    .select("reserved_until as reservedUntil")
    .where("user_id", "=", userId)
    .orderBy("reserved_until", "desc")
    .execute();

/** A few megabytes: the trail of a script that logs in all day must not fill the memory. */
const maxEvents = 10_000;

/** Newest first. When there are more, `auditEvents(after: endCursor)` continues. */
export const exportAuditEvents = async (database: Database, userId: string) => {
  // When an event involves two users, each gets only their own data: the actor gets the ip and user agent, the user the rest.
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
  const events = rows.slice(0, maxEvents);
  const last = events.at(-1);
  return {
    events,
    hasNextPage: rows.length > maxEvents,
    endCursor: last === undefined ? null : eventCursorOf(last),
  };
};
