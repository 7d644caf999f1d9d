// The sections of an export that are rows of one table, under the names of their columns.
import { sql } from "kysely";
import type { Database } from "../../database/tables.ts";
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
