import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startApplication } from "../harness/application.ts";
import { type Client, logInAs } from "../harness/client.ts";
import { openStream } from "../harness/connections/stream.ts";
import type { App } from "../harness/server.ts";
import { liveApplication } from "./application.ts";

// A subscription is a stream or refused: Apollo would run its resolver without an event, behind none of the checks of a stream.

let app: App;
let client: Client;
/** What Apollo has executed, with `null` for an operation that it has not found. */
let executed: (string | null)[] = [];
beforeAll(async () => {
  const spy = {
    requestDidStart: async () => ({
      executionDidStart: async ({ operation }: { operation?: { operation: string } }) => {
        executed.push(operation?.operation ?? null);
      },
    }),
  };
  app = await startApplication(
    { ...liveApplication, plugins: [spy] },
    { DOCUMENT_LIMITS: "characters=50000" },
  );
  client = await logInAs(app, await app.createUser());
});
afterAll(() => app.close());
beforeEach(() => {
  executed = [];
});

const accept = "text/event-stream, application/json;q=0.9";
const sent = () => ({ accept, authorization: `Bearer ${client.token}` });

const post = (body: unknown) =>
  fetch(app.url, {
    method: "POST",
    headers: { ...sent(), "content-type": "application/json" },
    body: JSON.stringify(body),
  });
const get = (search: string) => fetch(`${app.url}?${search}`, { headers: sent() });

const requireRefused = async (asking: Promise<Response>, ...codes: readonly string[]) => {
  const response = await asking;
  expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
  const { data, errors } = (await response.json()) as {
    readonly data?: unknown;
    readonly errors: readonly { readonly extensions: { readonly code: string } }[];
  };
  expect(data).toBeUndefined();
  expect(codes).toContain(errors[0]?.extensions.code);
  expect(executed.filter((it) => it !== null)).toEqual([]);
};

const notValid: Readonly<Record<string, string>> = {
  "two root fields": "subscription { anything sent }",
  "one root field twice": "subscription { a: anything b: anything }",
  "two by a fragment": "subscription { anything ...B } fragment B on Subscription { sent }",
  "two by a fragment in a fragment":
    "subscription { ...A } fragment A on Subscription { ...B sent } fragment B on Subscription { anything }",
  "two by fragments in place": "subscription { ... { anything } ... on Subscription { sent } }",
  "two of which one is never there": "subscription { anything @skip(if: true) sent }",
  "two of which a variable chooses one":
    "subscription ($b: Boolean!) { anything @skip(if: $b) sent @include(if: $b) }",
  "two of which a variable chooses both":
    "subscription ($b: Boolean = false) { anything sent @skip(if: $b) }",
  "none at all": "subscription { anything @include(if: false) }",
  "none at all, by a fragment":
    "subscription { ...A @skip(if: true) } fragment A on Subscription { anything }",
  "none at all, in a fragment":
    "subscription { ...A } fragment A on Subscription { ... @skip(if: true) { anything } }",
  "one that a variable may leave out": "subscription ($b: Boolean!) { anything @skip(if: $b) }",
  "@defer around one": "subscription { ... @defer { anything } }",
  "@defer around each of two": "subscription { ... @defer { anything } ... @defer { sent } }",
  "@stream": "subscription { anything @stream(initialCount: 0) }",
  "__schema beside it": "subscription { anything __schema { queryType { name } } }",
  "__schema beside it, by a fragment":
    "subscription { anything ...S } fragment S on Subscription { __schema { queryType { name } } }",
  "__typename alone": "subscription { __typename }",
};

describe("a subscription is refused with", () => {
  test.each(Object.entries(notValid))("%s", async (_name, query) => {
    const search = new URLSearchParams({ query, variables: '{"b":true}' });
    await requireRefused(post({ query, variables: { b: true } }), "GRAPHQL_VALIDATION_FAILED");
    await requireRefused(post({ query, variables: { b: false } }), "GRAPHQL_VALIDATION_FAILED");
    await requireRefused(get(String(search)), "GRAPHQL_VALIDATION_FAILED");
  });
});

test("a valid subscription is refused beside a query for the schema, which it would not be asked with", async () => {
  for (const other of ["__schema { queryType { name } }", '__type(name: "Query") { name }']) {
    const query = `query A { ${other} } subscription B { anything }`;
    await requireRefused(post({ query, operationName: "B" }), "GRAPHQL_VALIDATION_FAILED");
    await requireRefused(
      get(String(new URLSearchParams({ query, operationName: "B" }))),
      "BAD_REQUEST",
      "METHOD_NOT_ALLOWED",
    );
    expect((await post({ query, operationName: "A" })).status).toBe(200);
  }
});

const valid = "subscription { anything }";
const several = "subscription A { anything } subscription B { sent } query C { one }";

test.each([
  ["in a batch", () => post([{ query: valid }, { query: valid }])],
  ["in a batch of one", () => post([{ query: valid }])],
  ["of several that are not told apart", () => post({ query: several })],
  ["with an empty name", () => post({ query: several, operationName: "" })],
  ["with a name that is none of its operations", () => post({ query: several, operationName: "D" })],
  ["with a name that is no text", () => post({ query: several, operationName: ["A"] })],
  ["with variables in a list", () => post({ query: valid, variables: [] })],
  ["with variables in a text", () => post({ query: valid, variables: "{}" })],
  ["with extensions in a list", () => post({ query: valid, extensions: [] })],
  [
    "as a document that was parsed",
    () => post({ query: { kind: "Document", definitions: [], subscription: 1 } }),
  ],
  ["twice in the search", () => get(`query=${encodeURIComponent(valid)}&query=${encodeURIComponent(valid)}`)],
  ["with empty variables in the search", () => get(`query=${encodeURIComponent(valid)}&variables=`)],
  ["with an empty name in the search", () => get(`query=${encodeURIComponent(valid)}&operationName=`)],
  ["with a list of variables in the search", () => get(`query=${encodeURIComponent(valid)}&variables=[]`)],
])("a subscription is refused %s", async (_name, ask) => {
  await requireRefused(ask(), "BAD_REQUEST", "METHOD_NOT_ALLOWED", "GRAPHQL_VALIDATION_FAILED");
});

test("a persisted subscription is refused, with its document and by its hash alone", async () => {
  const extensions = { persistedQuery: { version: 1, sha256Hash: "a".repeat(64) } };
  for (const body of [{ query: valid, extensions }, { extensions }]) {
    await requireRefused(post(body), "PERSISTED_QUERY_NOT_SUPPORTED");
    const search = Object.entries(body).map(([name, value]): [string, string] => [
      name,
      typeof value === "string" ? value : JSON.stringify(value),
    ]);
    await requireRefused(get(String(new URLSearchParams(search))), "PERSISTED_QUERY_NOT_SUPPORTED");
  }
});

test("a subscription that is too large to be kept is a stream all the same, each time", async () => {
  const query = `${valid}\n${"# nothing\n".repeat(2_000)}`;
  for (let time = 0; time < 2; time += 1) {
    const stream = await openStream(app, client, query);
    expect([stream.status, stream.headers.get("content-type")]).toEqual([
      200,
      "text/event-stream; charset=utf-8",
    ]);
    await client.run('mutation { happen(room: "hall", numbers: [1]) }');
    expect((await stream.event(1)).data).toEqual({ anything: 1 });
    stream.close();
  }
  expect(executed).toEqual(["mutation", "mutation"]);
});
