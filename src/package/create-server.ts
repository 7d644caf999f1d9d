// Graphward inside another program's HTTP server.
import type { RequestListener } from "node:http";
import { openApplication } from "../application/application.ts";
import { defineServer, type ServerDefinition } from "../application/definition.ts";

export interface EmbeddedServer {
  /** For `node:http`, or as the last handler of Express. It answers every path. */
  readonly handler: RequestListener;
  /** Call it after the program's own server has closed. */
  close(): Promise<void>;
}

export interface EmbeddingOptions {
  /** The settings. The environment of the process and `.env`, unless it says otherwise. */
  readonly environment?: NodeJS.ProcessEnv;
  /** The directory with access.lock. The current one, unless it says otherwise. */
  readonly root?: string;
}

/**
 * Resolves when the database is there and requests can be served. Timeouts of slow clients, responses to malformed HTTP, and
 * draining at the end belong to `graphward start`: here they are the program's own. Rejects when a start is not possible.
 */
export async function createServer(
  definition: ServerDefinition = {},
  { environment, root = process.cwd() }: EmbeddingOptions = {},
): Promise<EmbeddedServer> {
  // Loaded only here: a command that reads graphward.config.ts needs no server.
  const { readConfig } = await import("../config/config.ts");
  const { createLogger } = await import("../log.ts");
  const { startServer } = await import("../server.ts");
  const application = openApplication(defineServer(definition), root);
  const config = readConfig(environment, application.settings);
  if (config.websocket)
    throw new Error(
      "WEBSOCKET=on is for graphward start: here, connections belong to the program's own server.",
    );
  const logger = application.logger ?? createLogger(config, process.stdout);
  let handler: RequestListener | null = null;
  const server = await startServer(config, logger, {
    application,
    openListener: async (handle) => {
      handler = handle;
      return { port: config.port, close: async () => undefined };
    },
  });
  if (handler === null) throw new Error("startServer() opened no listener.");
  return { handler, close: () => server.close() };
}
