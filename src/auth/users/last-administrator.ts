// Protects the last administrator: without one, nobody could appoint another.
import { sql } from "kysely";
import { lockKey } from "../../database/own-schema.ts";
import type { Database } from "../../database/tables.ts";
import { forbidden } from "../../errors.ts";
import { administratorRole } from "../viewer/permissions.ts";

/**
 * Throws FORBIDDEN for the last active administrator, and passes for every other user. Call it in the transaction that deletes or
 * deactivates the user or revokes the role, before any other statement, because it takes the row lock.
 */
export const requireAnotherAdministrator = async (transaction: Database, userId: string): Promise<void> => {
  const leaving = await transaction
    .selectFrom("users")
    .select(isActiveAdministrator.as("isAdministrator"))
    .where("id", "=", userId)
    .forUpdate()
    .executeTakeFirst();
  if (!leaving?.isAdministrator) return;
  // Two administrators who leave at once would each see the other: the second waits, and then sees that the first is gone.
  await sql`select pg_advisory_xact_lock(${lockKey("administrators")})`.execute(transaction);
  const staying = await transaction
    .selectFrom("role_members")
    .select("id")
    .where("role", "=", administratorRole)
    .where("is_active", "=", true)
    .where("id", "!=", userId)
    .limit(1)
    .executeTakeFirst();
  if (staying === undefined) throw forbidden();
};

const isActiveAdministrator = sql<boolean>`is_active and ${administratorRole}::text = any(roles)`;
