// graphile-worker's tables, in a schema of their own, with their own migrations.
import { createPool, patientOptions, type Route } from "./connection.ts";
import { jobSchemaOf } from "./own-schema.ts";

/** The last migration of the library's version that we use. A test compares it. */
export const newestJobMigration = 19;

/** The caller holds the lock under which servers migrate one at a time. */
export async function migrateJobTables(
  target: Route,
  { schema, applicationName }: { readonly schema: string; readonly applicationName: string },
): Promise<void> {
  // Loaded only to migrate or to work: loading takes a tenth of a second.
  const { Logger, runMigrations } = await import("graphile-worker");
  const pool = createPool(patientOptions(target, applicationName), 1);
  try {
    // Its default logger writes to the console.
    const logger = new Logger(() => () => undefined);
    await runMigrations({ pgPool: pool, schema: jobSchemaOf(schema), logger });
  } finally {
    await pool.end();
  }
}
