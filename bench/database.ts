// A connection to the database of a server under measurement, to put rows there.
import pg from "pg";
import { joinEmbeddedPostgres } from "../src/database/embedded/join.ts";
import type { Cleanup } from "./cleanup.ts";
import type { Graphward } from "./graphward.ts";

/** After the server has started it, so that it is the server's child and not ours. */
export const connect = async (cleanup: Cleanup, { directory }: Graphward): Promise<pg.Client> => {
  const open = async () => {
    const { connection, leave } = await joinEmbeddedPostgres({ dataDir: directory });
    const client = new pg.Client(connection);
    await client.connect();
    return { client, leave };
  };
  const opening = cleanup.own(open, async (opened) => {
    const { client, leave } = await opened;
    await client.end();
    await leave();
  });
  return (await opening).client;
};
