// A connection to the database of a server under measurement, to put rows there.
import pg from "pg";
import { joinEmbeddedPostgres } from "../src/database/embedded/join.ts";
import type { Cleanup } from "./cleanup.ts";
import type { Graphward } from "./graphward.ts";

/** After the server has started it, so that it is the server's child and not ours. */
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
