// Requests to the server, over connections of their own that end with them.
import { Agent, request } from "node:http";
import { seconds } from "../../src/time.ts";

export interface Reply {
  readonly status: number;
  readonly codes: readonly string[];
  readonly data: Readonly<Record<string, Readonly<Record<string, unknown>> | null>> | null;
}

/** What is sent with a query. */
export interface Asked {
  readonly variables?: object;
  readonly token?: string | null;
}

export interface Requests {
  /** Asks one of the servers, by chance. Null: no response, or half of one. */
  ask(query: string, asked?: Asked): Promise<Reply | null>;
  /** Asks each server. */
  askAll(query: string, asked?: Asked): Promise<readonly (Reply | null)[]>;
  close(): void;
}

/** Much longer than any request may take: what is slower has failed its test already. */
const patience = seconds(40);

export const openRequests = (ports: readonly number[]): Requests => {
  const agent = new Agent({ keepAlive: true });
  const askAt = (port: number | undefined, query: string, { variables, token = null }: Asked) =>
    new Promise<Reply | null>((resolve) => {
      const body = JSON.stringify({ query, variables });
      const sent = request({
        agent,
        port,
        host: "127.0.0.1",
        path: "/graphql",
        method: "POST",
        headers: {
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body),
          ...(token !== null && { authorization: `Token ${token}` }),
        },
        signal: AbortSignal.timeout(patience),
      });
      sent.on("error", () => resolve(null));
      sent.on("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", () => resolve(null));
        response.on("close", () =>
          resolve(response.complete ? read(response.statusCode ?? 0, Buffer.concat(chunks)) : null),
        );
      });
      sent.end(body);
    });
  return {
    ask: (query, asked = {}) => askAt(ports[Math.floor(Math.random() * ports.length)], query, asked),
    askAll: (query, asked = {}) => Promise.all(ports.map((port) => askAt(port, query, asked))),
    close: () => agent.destroy(),
  };
};

const read = (status: number, text: Buffer): Reply => {
  try {
    const { data = null, errors = [] } = JSON.parse(text.toString());
    const codes = errors.map((error: { extensions?: { code?: string } }) => error.extensions?.code ?? "?");
    return { status, codes, data };
  } catch {
    return { status, codes: ["no JSON"], data: null };
  }
};
