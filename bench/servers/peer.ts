// A server to compare with: one small, fair file under peers/, written as its documentation recommends.
import { join } from "node:path";
import { joinEmbeddedPostgres } from "../../src/database/embedded/join.ts";
import type { Cleanup } from "../cleanup.ts";
import { plainEnvironment } from "./node-process.ts";
import { makeDirectory, type Server, startServer } from "./server.ts";

interface Options {
  readonly environment?: Readonly<Record<string, string>>;
  /** It opens a database with peers/database.ts. */
  readonly hasDatabase?: boolean;
}

export const startPeer = (
  cleanup: Cleanup,
  core: number | null,
  name: string,
  { environment = {}, hasDatabase = false }: Options = {},
): Promise<Server> => {
  const directory = makeDirectory(cleanup);
  return startServer(cleanup, {
    core,
    command: [join(import.meta.dirname, `../peers/${name}.ts`)],
    directory,
    environment: { ...plainEnvironment(), ...environment },
    afterwards: async (isOrderly) => {
      // A killed peer leaves its database running: joining and leaving it stops it.
      if (hasDatabase && !isOrderly) await (await joinEmbeddedPostgres({ dataDir: directory })).leave();
    },
  });
};
