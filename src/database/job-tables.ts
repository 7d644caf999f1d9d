// graphile-worker's tables, in a schema of their own, with their own migrations.
import type pg from "pg";
import { type Connection, createPool, patientOptions } from "./connection.ts";

export const jobSchema = "graphile_worker";

/**
 * Returns the schema's name when something was migrated. The caller holds the lock under which servers
 * migrate one at a time.
 */
export const migrateJobTables = async (target: Connection | string): Promise<string[]> => {
  // Loaded only to migrate or to work: loading takes a tenth of a second.
  const { Logger, runMigrations } = await import("graphile-worker");
  const pool = createPool(patientOptions(target), 1);
  try {
    const before = await countMigrations(pool);
    // Its default logger writes to the console.
    await runMigrations({ pgPool: pool, schema: jobSchema, logger: new Logger(() => () => undefined) });
    return (await countMigrations(pool)) === before ? [] : [jobSchema];
  } finally {
    await pool.end();
  }
};

const countMigrations = async (pool: pg.Pool): Promise<number> => {
  const tables = await pool.query<{ name: string | null }>("select to_regclass($1) as name", [
    `${jobSchema}.migrations`,
  ]);
  if (tables.rows[0]?.name == null) return 0;
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::int as count from ${jobSchema}.migrations`,
  );
  return rows[0]?.count ?? 0;
};
