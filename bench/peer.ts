// A server to compare with: one honest small file under peers/, written the way its documentation says.
import { join } from "node:path";
import type { Cleanup } from "./cleanup.ts";
import { plainEnvironment } from "./node-process.ts";
import { makeDirectory, type Server, startServer } from "./server.ts";

export const startPeer = (cleanup: Cleanup, core: number | null, name: string): Promise<Server> =>
  startServer(cleanup, {
    core,
    command: [join(import.meta.dirname, `peers/${name}.ts`)],
    directory: makeDirectory(cleanup),
    environment: plainEnvironment(),
  });
