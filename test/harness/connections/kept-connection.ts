// A client that keeps one connection, as a balancer does, and says whether the server let it.
import { Agent, type IncomingHttpHeaders, request } from "node:http";
import type { App } from "../server.ts";

export interface KeptAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface KeptConnection {
  /** Rejects when the connection is reset, or closed without a response. */
  post(body: string): Promise<KeptAnswer>;
  get(path: string): Promise<KeptAnswer>;
  close(): void;
}

export const openKeptConnection = ({
  server,
}: {
  readonly server: Pick<App["server"], "port">;
}): KeptConnection => {
  // Without a timeout: by default the agent closes a connection a second before the time that the server announces.
  const agent = new Agent({ keepAlive: true, maxSockets: 1, agentKeepAliveTimeoutBuffer: 0 });
  const send = (method: string, path: string, body: string): Promise<KeptAnswer> =>
    new Promise((resolve, reject) => {
      const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
      const options = { host: "127.0.0.1", port: server.port, method, path, headers, agent };
      request(options, (response) => {
        const chunks: Buffer[] = [];
        response
          .on("data", (chunk: Buffer) => chunks.push(chunk))
          .on("error", reject)
          .on("end", () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: Buffer.concat(chunks).toString(),
            }),
          );
      })
        .on("error", reject)
        .end(body);
    });
  return {
    post: (body) => send("POST", "/graphql", body),
    get: (path) => send("GET", path, ""),
    close: () => agent.destroy(),
  };
};
