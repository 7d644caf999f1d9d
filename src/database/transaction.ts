// Begins every transaction of the rules: with the isolation that they rely on, and again after a conflict.
import { repeatOnConflict } from "./connecting/conflicts.ts";
import type { Database } from "./tables.ts";

/**
 * For a replica, which may have become a primary. Each statement sees what is there when it begins: at least what the first one
 * has waited for. A conflict ends it, because there is another server to ask.
 */
export function readOnly<Value>(
  replica: Database,
  work: (transaction: Database) => Promise<Value>,
): Promise<Value> {
  return replica.transaction().setIsolationLevel("read committed").setAccessMode("read only").execute(work);
}

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
