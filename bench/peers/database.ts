// A peer's own PostgreSQL: a child of the peer, so that it runs on the peer's core and its CPU is counted.
import pg from "pg";
import { joinEmbeddedPostgres } from "../../src/database/embedded/join.ts";

/** As many connections as Graphward. SIGTERM stops the database, then the peer. */
export const openPool = async (): Promise<pg.Pool> => {
  const { connection, leave } = await joinEmbeddedPostgres({ dataDir: process.cwd() });
  const pool = new pg.Pool({ ...connection, max: 10 });
  process.once("SIGTERM", async () => {
    await pool.end();
    await leave();
    process.exit();
  });
  return pool;
};
