// graphile-worker's tables, in a schema of their own, with their own migrations.
import type pg from "pg";
import { createPool, patientOptions, type Route } from "../connecting/connection.ts";
import { jobSchemaOf } from "../own-schema.ts";

/** The last migration of the library's version that we use. A test compares it. */
export const newestJobMigration = 19;

/**
 * Returns the schema's name when something was migrated. The caller holds the lock under which servers
 * migrate one at a time.
 */
export async function migrateJobTables(
  target: Route,
  { schema, applicationName }: { readonly schema: string; readonly applicationName: string },
): Promise<string[]> {
  // Loaded only to migrate or to work: loading takes a tenth of a second.
  const { Logger, runMigrations } = await import("graphile-worker");
  const jobs = jobSchemaOf(schema);
  const pool = createPool(patientOptions(target, applicationName), 1);
  try {
    const before = await countMigrations(pool, jobs);
    // Its default logger writes to the console.
    await runMigrations({ pgPool: pool, schema: jobs, logger: new Logger(() => () => undefined) });
    return (await countMigrations(pool, jobs)) === before ? [] : [jobs];
  } finally {
    await pool.end();
  }
}

const countMigrations = async (pool: pg.Pool, jobs: string): Promise<number> => {
  const tables = await pool.query<{ name: string | null }>("select to_regclass($1) as name", [
    `${jobs}.migrations`,
  ]);
  if (tables.rows[0]?.name == null) return 0;
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::int as count from ${jobs}.migrations`,
  );
  return rows[0]?.count ?? 0;
};
