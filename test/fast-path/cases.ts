// What a case is, and short ways to write one.
import type { OutgoingHttpHeaders } from "node:http";
import type { Request } from "./exchange.ts";

/** Whose credential goes along. A guest's session is new with each sending, so that it may be ended. */
export type Caller = "anonymous" | "token" | "cookie" | "guest";

export interface Case {
  readonly name: string;
  readonly caller: Caller;
  readonly request: Request;
  /** Its answer depends on how often it was sent: both servers get it equally often. */
  readonly changesState?: true;
}

export const json = { "content-type": "application/json" };
/** By GET: what satisfies Apollo's own CSRF prevention. */
export const preflighted = { "apollo-require-preflight": "true" };

export const post = (body: unknown, headers: OutgoingHttpHeaders = {}): Request =>
  raw(JSON.stringify(body), headers);

export const raw = (body: string | Uint8Array, headers: OutgoingHttpHeaders = {}): Request => ({
  method: "POST",
  path: "/graphql",
  headers: { ...json, ...headers },
  body,
});

export const get = (
  search: string | Readonly<Record<string, string>>,
  headers: OutgoingHttpHeaders = preflighted,
): Request => ({
  method: "GET",
  path: `/graphql?${typeof search === "string" ? search : new URLSearchParams(search)}`,
  headers,
});

export const withoutType = ({ headers, ...request }: Request): Request => {
  const { "content-type": _type, ...kept } = headers;
  return { ...request, headers: kept };
};

/** Names each request of a list, in the order in which it is written. */
export const named = (
  requests: Readonly<Record<string, Request>>,
  caller: Caller,
  changesState?: true,
): readonly Case[] =>
  Object.entries(requests).map(([name, request]) => ({
    name: `${name}, ${caller}`,
    caller,
    request,
    ...(changesState && { changesState }),
  }));
