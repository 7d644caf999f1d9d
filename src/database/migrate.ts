// Brings the tables up to date, once, even when many servers start at the same moment.
import { sql } from "kysely";
import type { Connection } from "./connection.ts";
import { migrateJobTables } from "./job-tables.ts";
import { createOrm } from "./orm.ts";

/** Any number that no other advisory lock on this database uses: "graphward" in ASCII, cut to eight bytes. */
export const migrationLockKey = 0x67_72_61_70_68_77_61_72n;

/** Returns the names of the migrations that were run. Waits while another server migrates. */
export const migrate = async (target: Connection | string): Promise<string[]> => {
  const orm = createOrm(target, { isPatient: true });
  try {
    // A session-level advisory lock, held by one connection of the pool while the migrator uses others.
    return await orm.em
      .getKysely()
      .connection()
      .execute(async (connection) => {
        await sql`select pg_advisory_lock(${migrationLockKey.toString()}::bigint)`.execute(connection);
        // First, so that when our migrations are all recorded, the job tables exist too: see isMigrated().
        const jobs = await migrateJobTables(target);
        const done = await orm.migrator.up();
        return [...done.map(({ name }) => name), ...jobs];
      });
  } finally {
    // The lock ends with its connection.
    await orm.close();
  }
};
