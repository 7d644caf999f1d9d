// Requests as curious, broken and hostile clients send them.
import { deflateSync, gzipSync } from "node:zlib";
import { type Case, get, json, named, post, preflighted, raw, withoutType } from "./cases.ts";
import { acceptHeaders, bodies, htmlAcceptHeaders, jsonTypes, otherTypes, searches } from "./edge-values.ts";
import type { Request } from "./exchange.ts";

/** The password of the account that all callers have. */
export const alicesPassword = "correct horse battery staple";

const query = "{ public { message } }";
const body = JSON.stringify({ query });
const mutation = "mutation Count { count }";

const each = (
  what: string,
  values: readonly string[],
  request: (value: string) => Request,
): Readonly<Record<string, Request>> =>
  Object.fromEntries(values.map((value) => [`${what} ${value || "(empty)"}`, request(value)]));

const both = (headers: Request["headers"]) => ({
  post: raw(body, headers),
  get: get({ query }, { ...preflighted, ...headers }),
});
const twoWays = (what: string, headers: Request["headers"]) => ({
  [`${what}, by POST`]: both(headers).post,
  [`${what}, by GET`]: both(headers).get,
});

const requests: Readonly<Record<string, Request>> = {
  ...each("by POST, accept", acceptHeaders, (accept) => raw(body, { accept })),
  ...each("by GET, accept", acceptHeaders, (accept) => get({ query }, { ...preflighted, accept })),
  ...each("nothing by GET, accept", acceptHeaders, (accept) => get("", { ...preflighted, accept })),
  ...each("a broken document, accept", acceptHeaders, (accept) => post({ query: "{ x }" }, { accept })),
  ...each("a wrong variable, accept", acceptHeaders, (accept) =>
    post({ query: "query($a: Int!) { echo(number: $a) }" }, { accept }),
  ),
  ...each("a broken body, accept", acceptHeaders, (accept) => raw("{", { accept })),
  ...each("by POST, accept", htmlAcceptHeaders, (accept) => raw(body, { accept })),
  ...each("by GET, accept", htmlAcceptHeaders, (accept) => get({ query }, { ...preflighted, accept })),
  ...each("nothing by GET, accept", htmlAcceptHeaders, (accept) => ({
    ...get("", { accept }),
    path: "/graphql",
  })),
  ...each("body", bodies, (text) => raw(text)),
  ...each("body of a client of the newer type", bodies, (text) =>
    raw(text, { accept: "application/graphql-response+json" }),
  ),
  ...each("search", searches, (search) => get(search)),
  ...each("search of a POST", searches.slice(2, 7), (search) => ({
    ...raw(body),
    path: `/graphql?${search}`,
  })),
  ...each("content type", jsonTypes, (type) => raw(body, { "content-type": type })),
  ...each("content type", otherTypes, (type) => raw(body, { "content-type": type })),
  ...each("content type and a preflight's header,", otherTypes, (type) =>
    raw(body, { ...preflighted, "content-type": type }),
  ),
  ...each("content type by GET", [...jsonTypes, ...otherTypes], (type) =>
    get({ query }, { ...preflighted, "content-type": type }),
  ),
  "no content type": withoutType(raw(body)),
  "no content type and a preflight's header": withoutType(raw(body, preflighted)),
  "no content type by GET": get({ query }, {}),
  "no content type and no query by GET": get("", {}),
  ...each("method", ["PUT", "PATCH", "DELETE"], (method) => ({ ...raw(body), method })),
  "OPTIONS without an origin": { method: "OPTIONS", path: "/graphql", headers: {} },
  "HEAD without a query": { method: "HEAD", path: "/graphql", headers: preflighted },
  "a slash behind": { ...raw(body), path: "/graphql/" },
  "capitals in the path": { ...raw(body), path: "/GraphQL" },
  "a slash behind, by GET": { ...get({ query }), path: `/graphql/?query=${encodeURIComponent(query)}` },
  "an absolute address": {
    ...get({ query }),
    path: `http://localhost/graphql?query=${encodeURIComponent(query)}`,
  },
  "a path below": { ...raw(body), path: "/graphql/below" },
  "packed by gzip": raw(gzipSync(body), { "content-encoding": "gzip" }),
  "packed by deflate": raw(deflateSync(body), { "content-encoding": "deflate" }),
  "packed by nothing": raw(body, { "content-encoding": "identity" }),
  "packed by nobody knows what": raw(body, { "content-encoding": "zip" }),
  "not packed as it says": raw(body, { "content-encoding": "gzip" }),
  "the largest body": raw(body.padEnd(100 * 1024)),
  "one byte too many": raw(body.padEnd(100 * 1024 + 1)),
  "too large when unpacked": raw(gzipSync(body.padEnd(100 * 1024 + 1)), { "content-encoding": "gzip" }),
  "a text that is no UTF-8": raw(Buffer.from('{"query":"{ public { message } } #\xff"}', "latin1")),
  "a byte order mark": raw(`\ufeff${body}`),
  "in chunks": raw(body, { "transfer-encoding": "chunked" }),
  "a token that is none": raw(body, { authorization: "Bearer nonsense" }),
  "a token that is none, and nothing by GET": get("", { ...preflighted, authorization: "Bearer nonsense" }),
  "another scheme": raw(body, { authorization: "Basic YTpi" }),
  "a token that is none, with the newer type": raw(body, {
    authorization: "Token x",
    accept: "application/graphql-response+json",
  }),
  "a cookie that is none": raw(body, { cookie: "graphward=s%3Anonsense.nonsense; other=1" }),
  ...twoWays("from another origin", { origin: "https://evil.example" }),
  ...twoWays("from no origin", { origin: "null" }),
  ...twoWays("from another site", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors" }),
  ...twoWays("typed into the address bar", { "sec-fetch-site": "none", "sec-fetch-mode": "navigate" }),
  ...twoWays("what is already there", { "if-none-match": "*" }),
  ...twoWays("what a proxy adds", {
    "x-forwarded-for": "192.0.2.1",
    "x-http-method-override": "DELETE",
    "x-request-id": "chosen",
    te: "trailers",
  }),
  "a subscription of a schema without": post({ query: "subscription { __typename }" }),
  "three equal names": post({ query: "{ a: __typename a: __typename a: __typename }" }),
};

const changes: Readonly<Record<string, Request>> = {
  "a mutation whose answer nobody takes": post({ query: mutation }, { accept: "image/png" }),
  "a mutation in a batch": raw(`[${JSON.stringify({ query: mutation })}]`),
  "a mutation by GET": get({ query: mutation }),
  "a mutation by GET with a type": get({ query: mutation }, json),
  "a mutation by POST, its words in the address": {
    ...raw("{}"),
    path: `/graphql?query=${encodeURIComponent(mutation)}`,
  },
  "a mutation after one by GET": post({ query: mutation }),
};

const login =
  'mutation L($p: String!, $m: LoginMode! = SESSION_AND_TOKEN) { login(username: "alice", password: $p, mode: $m) { userId token email user { username } } }';
const logins = each("a login that gives", ["SESSION_AND_TOKEN", "SESSION", "TOKEN"], (m) =>
  post({ query: login, variables: { p: alicesPassword, m } }),
);

export const recordedEdges: readonly Case[] = [
  ...named(requests, "anonymous"),
  ...named(changes, "token", true),
  ...named(changes, "anonymous", true),
  ...named(logins, "anonymous", true),
  ...named(
    {
      logout: post({ query: "mutation { logout { message } }" }),
      "twice logout": post({ query: "mutation { a: logout { message } b: logout { message } }" }),
    },
    "guest",
    true,
  ),
];
