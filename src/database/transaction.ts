// Begins every transaction of the rules: with the isolation that they rely on, and again after a conflict.
import { repeatOnConflict } from "./connecting/conflicts.ts";
import type { Database } from "./tables.ts";

/**
 * `work` may run several times, so it changes nothing but the database. It says itself what a connection says too, because behind
 * a pooler the connection cannot: see docs/decisions/connections.md.
 */
export function transact<Value>(
  database: Database,
  work: (transaction: Database) => Promise<Value>,
): Promise<Value> {
  return repeatOnConflict(() =>
    database.transaction().setIsolationLevel("read committed").setAccessMode("read write").execute(work),
  );
}
