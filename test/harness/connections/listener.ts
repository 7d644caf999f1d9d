// The HTTP server of an app under test, to change its time limits.
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Server } from "node:http";
import type { App } from "../server.ts";

/** Node names it for each request that comes in. */
export const findListener = async ({ origin }: Pick<App, "origin">): Promise<Server> => {
  const found: Server[] = [];
  const listen = (message: unknown) => void found.push((message as { server: Server }).server);
  subscribe("http.server.request.start", listen);
  await (await fetch(`${origin}/health/live`)).text();
  unsubscribe("http.server.request.start", listen);
  return found[0] as Server;
};
