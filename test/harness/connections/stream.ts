// A stream of a subscription, read as its bytes arrive, and what a client of each format sees in them.
import type { Client } from "../client.ts";
import { noteAnswer } from "../logs/canaries.ts";
import { until } from "../mail/mail.ts";

export interface Seen {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
}

export interface ReadStream {
  readonly status: number;
  readonly headers: Headers;
  /** All bytes until now, as text. */
  text(): string;
  /** The events until now. */
  events(): readonly Seen[];
  /** Resolves with the event of this number, the first of which is 1. */
  event(number: number): Promise<Seen>;
  /** The codes of the errors until now. */
  codes(): readonly string[];
  /** Resolves when the server has ended it. */
  readonly ended: Promise<void>;
  /** Leaves, as a page that is closed. */
  close(): void;
}

export interface StreamOptions {
  readonly variables?: Readonly<Record<string, unknown>>;
  /** Server-sent events, and JSON for a refusal, unless it says otherwise. */
  readonly accept?: string;
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
}

const eventsOrJson = "text/event-stream, application/json;q=0.9";

/** With the credentials of a client. */
export async function openStream(
  { url }: { readonly url: string },
  { cookies, token }: Pick<Client, "cookies" | "token">,
  query: string,
  { variables = {}, accept = eventsOrJson, method = "POST", headers = {} }: StreamOptions = {},
): Promise<ReadStream> {
  const leaving = new AbortController();
  const cookie = [...cookies].map((pair) => pair.join("=")).join("; ");
  const sent = {
    accept,
    ...(cookie && { cookie }),
    ...(token !== null && { authorization: `Bearer ${token}` }),
    ...headers,
  };
  const search = new URLSearchParams({ query, variables: JSON.stringify(variables) });
  const response =
    method === "GET"
      ? await fetch(`${url}?${search}`, { headers: sent, signal: leaving.signal })
      : await fetch(url, {
          method,
          headers: { ...sent, "content-type": "application/json" },
          body: JSON.stringify({ query, variables }),
          signal: leaving.signal,
        });
  let received = "";
  const read = async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) received += decoder.decode(chunk, { stream: true });
    noteAnswer([], received);
  };
  // A server that goes away, and a client that leaves.
  const ended = read().catch(() => undefined);
  const events = () => seenIn(received);
  return {
    status: response.status,
    headers: response.headers,
    text: () => received,
    events,
    async event(number) {
      await until(async () => events().length >= number);
      return events()[number - 1] ?? {};
    },
    codes: () => events().flatMap(({ errors = [] }) => errors.map(({ extensions }) => extensions.code)),
    ended,
    close: () => leaving.abort(),
  };
}

const seenIn = (text: string): readonly Seen[] =>
  text.startsWith("{")
    ? [JSON.parse(text)]
    : text.startsWith("\r\n--graphql")
      ? text
          .split("\r\n--graphql")
          .flatMap((part) => part.split("\r\n\r\n")[1] ?? [])
          .map((json) => JSON.parse(json))
          .filter((part) => "payload" in part)
          .map(({ payload, errors }) => ({ ...payload, ...(errors && { errors }) }))
      : [...text.matchAll(/^event: next\ndata: (.*)\n\n/gm)].map(([, json = ""]) => JSON.parse(json));
