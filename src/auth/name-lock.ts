// One at a time for whoever wants the same username or the same address.
import { sql } from "kysely";
import type { Database } from "../database/tables.ts";

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
