// Row locks and name locks: one change of a user, a username or an email at a time.
import { sql } from "kysely";
import { lockKey } from "../../database/own-schema.ts";
import type { Database } from "../../database/tables.ts";

/** Undefined when the user is deleted or deactivated. Take it before the locks of the user's links: another order could deadlock. */
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
 * Held until the transaction ends. Queries after it see everything that an earlier holder did; a check before an UPDATE alone
 * would not, and the constraint would then print the name into PostgreSQL's log and fail the transaction. If you need several, lock
 * them in the order of the kinds below.
 */
export const lockName = async (
  transaction: Database,
  kind: "identity" | "username" | "skeleton" | "address",
  form: string,
): Promise<void> => {
  await sql`select pg_advisory_xact_lock(${lockKey(`${kind} ${form}`)})`.execute(transaction);
};
