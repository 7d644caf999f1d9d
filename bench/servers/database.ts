// A connection to the measured server's database, to insert rows.
import pg from "pg";
import { joinEmbeddedPostgres } from "../../src/database/embedded/join.ts";
import type { Cleanup } from "../cleanup.ts";
import type { Graphward } from "./graphward.ts";

/** Call it after the server has started the database, so that it is the server's child and not ours. */
export const connect = async (cleanup: Cleanup, { directory }: Graphward): Promise<pg.Pool> => {
  const open = async () => {
    const { connection, leave } = await joinEmbeddedPostgres({ dataDir: directory });
    return { pool: new pg.Pool({ ...connection, max: 1 }), leave };
  };
  const opening = cleanup.own(open, async (opened) => {
    const { pool, leave } = await opened;
    await pool.end();
    await leave();
  });
  return (await opening).pool;
};
