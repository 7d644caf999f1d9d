// Row locks and name locks: one change of a user, a username or an email at a time.
import { sql } from "kysely";
import type { Database } from "../../database/tables.ts";

/** Undefined when it is gone or deactivated. Take it before the account's links: two orders would be a deadlock. */
export const lockUser = (transaction: Database, userId: string) =>
  transaction
    .selectFrom("users")
    .select([
      "username",
      "canonical_username as canonicalUsername",
      "email",
      "canonical_email as canonicalEmail",
      "pending_email as pendingEmail",
      "email_verified_at as emailVerifiedAt",
      "device_generation as generation",
    ])
    .where("id", "=", userId)
    .where("is_active", "=", true)
    .forUpdate()
    .executeTakeFirst();

/**
 * Held until the transaction ends. What is asked after it sees all that an earlier holder did; a look before an UPDATE alone would
 * not, and the constraint would then print the name into PostgreSQL's log and fail the transaction. Whoever needs both takes
 * the username's first.
 */
export const lockName = async (
  transaction: Database,
  kind: "username" | "address",
  canonical: string,
): Promise<void> => {
  const key = `${kind} ${canonical}`;
  await sql`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`.execute(transaction);
};
