// One transaction for one change: what is refused half way leaves nothing behind.
import type { Database } from "../database/tables.ts";

/** Commits what `change` returns, unless it is a Result that is refused: that rolls back, as an error does. */
export async function inTransaction<Value>(
  database: Database,
  change: (transaction: Database) => Promise<Value>,
): Promise<Value> {
  try {
    return await database.transaction().execute(async (transaction) => {
      const value = await change(transaction);
      if (isRefused(value)) throw new RolledBack(value);
      return value;
    });
  } catch (error) {
    if (error instanceof RolledBack) return error.refusal as Value;
    throw error;
  }
}

/** Kysely rolls back for an error only. */
class RolledBack extends Error {
  readonly refusal: unknown;

  constructor(refusal: unknown) {
    super("The change was refused.");
    this.refusal = refusal;
  }
}

const isRefused = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "ok" in value && value.ok === false;
