// A WebSocket whose messages are written by hand, and what the server says on it.
import { WebSocket } from "ws";
import type { Client } from "../client.ts";
import { noteAnswer, noteRequest } from "../logs/canaries.ts";
import { until } from "../mail/mail.ts";

export interface SeenMessage {
  readonly type: string;
  readonly id?: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects
  readonly payload?: any;
}

export interface MessageSocket {
  send(message: object | string): void;
  /** What has come, without pings. */
  messages(): readonly SeenMessage[];
  /** Those of one subscription. */
  of(id: string): readonly SeenMessage[];
  /** Resolves when so many have come. */
  received(count: number, id?: string): Promise<readonly SeenMessage[]>;
  /** Sends connection_init, with the token of the client if it has one. Resolves when it is acknowledged. */
  init(client?: Pick<Client, "token">): Promise<void>;
  subscribe(id: string, query: string, variables?: Readonly<Record<string, unknown>>): void;
  /** Resolves with the code when it is closed. */
  readonly closed: Promise<number>;
  readonly raw: WebSocket;
}

export interface SocketOptions {
  readonly origin?: string;
  readonly cookies?: Client["cookies"];
  readonly headers?: Readonly<Record<string, string>>;
  readonly protocols?: readonly string[];
}

/** Rejects with the status of a refusal in its message. */
export async function openMessageSocket(
  { url }: { readonly url: string },
  { origin, cookies, headers = {}, protocols = ["graphql-transport-ws"] }: SocketOptions = {},
): Promise<MessageSocket> {
  const cookie = [...(cookies ?? [])].map((pair) => pair.join("=")).join("; ");
  const raw = new WebSocket(url.replace("http", "ws"), [...protocols], {
    headers: { ...(origin !== undefined && { origin }), ...(cookie && { cookie }), ...headers },
  });
  const received: SeenMessage[] = [];
  raw.on("message", (data) => {
    noteAnswer([], data.toString());
    const message: SeenMessage = JSON.parse(data.toString());
    if (message.type !== "ping") received.push(message);
  });
  const closed = new Promise<number>((resolve) => raw.on("close", resolve));
  await new Promise<void>((resolve, reject) => raw.on("open", resolve).on("error", reject));
  const send = (message: object | string) => {
    const text = typeof message === "string" ? message : JSON.stringify(message);
    raw.send(text);
  };
  const of = (id: string) => received.filter((it) => it.id === id);
  const seen = (id: string | undefined) => (id === undefined ? received : of(id));
  return {
    send,
    messages: () => received,
    of,
    async received(count, id) {
      await until(async () => seen(id).length >= count);
      return seen(id);
    },
    async init(client) {
      const token = client?.token;
      send({ type: "connection_init", ...(token && { payload: { authorization: `Bearer ${token}` } }) });
      await until(async () => received.some(({ type }) => type === "connection_ack"));
    },
    subscribe(id, query, variables = {}) {
      noteRequest({ body: JSON.stringify({ query, variables }) });
      send({ id, type: "subscribe", payload: { query, variables } });
    },
    closed,
    raw,
  };
}
