// Inserts a user: one statement for registrations, invitations and the operator's command.
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { Database } from "../../database/tables.ts";
import { findCanonicalEmail } from "../text/emails.ts";
import { requireUsername } from "../text/usernames.ts";

export interface NewUser {
  readonly username: string;
  /** Null without one, and for a registration with an email that another user has. */
  readonly displayName?: string | null | undefined;
  readonly locale?: string | null | undefined;
  readonly email: string | null;
  /** The email that another user has; the registration must not reveal that. */
  readonly pendingEmail?: string | null;
  readonly isEmailVerified?: boolean;
  readonly passwordHash: string | null;
  readonly roles?: readonly string[];
}

/**
 * Returns the id. Null when a statement without a lock, such as one in psql, took a name at this moment: the caller has claimed
 * both names before. A violated constraint would print the whole row, hash included, into PostgreSQL's log.
 */
export async function insertUser(transaction: Database, user: NewUser): Promise<string | null> {
  const { shown, canonical, skeleton } = requireUsername(user.username);
  const inserted = await transaction
    .insertInto("users")
    .values({
      id: uuidv7(),
      username: shown,
      canonical_username: canonical,
      username_skeleton: skeleton,
      display_name: user.displayName ?? null,
      locale: user.locale ?? null,
      email: user.email,
      canonical_email: user.email === null ? null : findCanonicalEmail(user.email),
      pending_email: user.pendingEmail ?? null,
      email_verified_at: user.isEmailVerified ? sql<Date>`now()` : null,
      password_hash: user.passwordHash,
      roles: [...new Set(user.roles ?? [])],
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning("id")
    .executeTakeFirst();
  return inserted?.id ?? null;
}
