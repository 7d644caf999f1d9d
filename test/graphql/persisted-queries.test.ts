// Clients that send the hash of a document instead of the document: they must find out that it is not supported.
import { createHash } from "node:crypto";
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { cacheExchange, fetchExchange, Client as UrqlClient } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Client } from "../harness/client.ts";
import { type App, startApp } from "../harness/server.ts";
import { PublicDocument, ViewerDocument } from "../operations/generated/graphql.ts";

let app: App;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const sha256 = async (text: string) => createHash("sha256").update(text).digest("hex");

/** Records what each request carries. */
const recording = () => {
  const sent: string[] = [];
  const fetchAndRecord: typeof fetch = (input, init = {}) => {
    const url = new URL(String(input));
    const given: { query?: string; extensions?: { persistedQuery?: unknown } } =
      init.method === "POST"
        ? JSON.parse(String(init.body))
        : {
            query: url.searchParams.get("query") ?? undefined,
            extensions: JSON.parse(url.searchParams.get("extensions") ?? "{}"),
          };
    const parts = [given.query && "document", given.extensions?.persistedQuery && "hash"];
    sent.push(`${init.method ?? "GET"} ${parts.filter(Boolean).join(" and ")}`);
    return fetch(input, init);
  };
  return { sent, fetch: fetchAndRecord };
};

test.each([
  ["POST", false],
  ["GET", true],
])(
  "Apollo Client's own link sends the document after a hash by %s was refused, and no hash again",
  async (method, useGETForHashedQueries) => {
    const { sent, fetch } = recording();
    const client = new ApolloClient({
      link: ApolloLink.from([
        new PersistedQueryLink({ sha256, useGETForHashedQueries }),
        new HttpLink({ uri: app.url, fetch }),
      ]),
      cache: new InMemoryCache(),
    });
    expect((await client.query({ query: PublicDocument })).data?.public.message).toBe(
      "Public access allowed!",
    );
    expect((await client.query({ query: ViewerDocument })).data?.viewer).toBeNull();
    expect(sent).toEqual([`${method} hash`, "POST document", "POST document"]);
  },
);

test("urql's own exchange sends the document after a hash was refused, and no hash again", async () => {
  const { sent, fetch } = recording();
  const client = new UrqlClient({
    url: app.url,
    exchanges: [cacheExchange, persistedExchange({ preferGetForPersistedQueries: true }), fetchExchange],
    fetch,
  });
  expect((await client.query(PublicDocument, {})).data?.public.message).toBe("Public access allowed!");
  expect((await client.query(ViewerDocument, {})).data?.viewer).toBeNull();
  expect(sent[0]).toMatch(/ hash$/);
  expect(sent.slice(1).every((it) => it.endsWith(" document"))).toBe(true);
});

test("the refusal is that of Apollo Server: for a hash alone, and for a hash beside its document", async () => {
  const client = new Client(app);
  const query = "{ public { message } }";
  const extensions = { persistedQuery: { version: 1, sha256Hash: await sha256(query) } };
  for (let time = 0; time < 2; time += 1) {
    for (const body of [{ extensions }, { query, extensions }]) {
      const { status, text } = await client.post(JSON.stringify(body));
      expect([status, JSON.parse(text)]).toEqual([
        200,
        {
          errors: [
            { message: "PersistedQueryNotSupported", extensions: { code: "PERSISTED_QUERY_NOT_SUPPORTED" } },
          ],
        },
      ]);
    }
    const search = new URLSearchParams({ extensions: JSON.stringify(extensions) });
    expect((await client.send({ path: `?${search}` })).codes).toEqual(["PERSISTED_QUERY_NOT_SUPPORTED"]);
    // A document without a hash goes on, known or not.
    expect((await client.run(query)).codes).toEqual([]);
  }
});
