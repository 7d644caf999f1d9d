// Runs one change in one transaction: a refused change leaves nothing behind.
import type { Database } from "../database/tables.ts";
import { transact } from "../database/transaction.ts";
import { isRefused } from "../errors.ts";

/** Commits what `change` returns, unless it is a refused Result: that rolls back, as an error does. */
export async function inTransaction<Value>(
  database: Database,
  change: (transaction: Database) => Promise<Value>,
): Promise<Value> {
  try {
    return await transact(database, async (transaction) => {
      const value = await change(transaction);
      if (isRefused(value)) throw new RolledBack(value);
      return value;
    });
  } catch (error) {
    if (error instanceof RolledBack) return error.refusal as Value;
    throw error;
  }
}

/** Kysely rolls back only on an error. */
class RolledBack extends Error {
  readonly refusal: unknown;

  constructor(refusal: unknown) {
    super("The change was refused.");
    this.refusal = refusal;
  }
}
