// Brings the tables up to date, once, however many servers start at the same moment.
import type { MikroORM } from "@mikro-orm/postgresql";
import { sql } from "kysely";

/** Any number that nothing else on this database locks: "graphward" in ASCII, cut to eight bytes. */
const lockKey = 0x67_72_61_70_68_77_61_72n;

/** The names of the migrations that were run. */
export const migrate = async (orm: MikroORM): Promise<string[]> => {
  // A session lock, held by one connection of the pool while the migrator uses others.
  return orm.em
    .getKysely()
    .connection()
    .execute(async (connection) => {
      // The other server's migrations may take longer than any statement should.
      await sql`set statement_timeout = 0`.execute(connection);
      await sql`select pg_advisory_lock(${lockKey.toString()}::bigint)`.execute(connection);
      try {
        const done = await orm.migrator.up();
        return done.map(({ name }) => name);
      } finally {
        await sql`select pg_advisory_unlock(${lockKey.toString()}::bigint)`.execute(connection);
        await sql`reset statement_timeout`.execute(connection);
      }
    });
};
