// Brings the tables up to date, once, however many servers start at the same moment.
import { sql } from "kysely";
import type { Connection } from "./connection.ts";
import { migrateJobTables } from "./job-tables.ts";
import { createOrm } from "./orm.ts";

/** Any number that nothing else on this database locks: "graphward" in ASCII, cut to eight bytes. */
export const migrationLockKey = 0x67_72_61_70_68_77_61_72n;

/** The names of the migrations that were run. Waits for as long as another server's take. */
export const migrate = async (target: Connection | string): Promise<string[]> => {
  const orm = createOrm(target, { isPatient: true });
  try {
    // A session lock, held by one connection of the pool while the migrator uses others.
    return await orm.em
      .getKysely()
      .connection()
      .execute(async (connection) => {
        await sql`select pg_advisory_lock(${migrationLockKey.toString()}::bigint)`.execute(connection);
        // First, so that where ours are all recorded, the tables of jobs are there too: see isMigrated().
        const jobs = await migrateJobTables(target);
        const done = await orm.migrator.up();
        return [...done.map(({ name }) => name), ...jobs];
      });
  } finally {
    // The lock ends with its connection.
    await orm.close();
  }
};
