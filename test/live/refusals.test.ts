import { createClient } from "graphql-sse";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApplication } from "../harness/application.ts";
import { type Client, logInAs } from "../harness/client.ts";
import { openStream } from "../harness/connections/stream.ts";
import { until } from "../harness/mail/mail.ts";
import type { App } from "../harness/server.ts";
import { LogOutDocument } from "../operations/generated/graphql.ts";
import { liveApplication } from "./application.ts";

// An EventSource, graphql-sse and urql read nothing but events: the reason of a refusal must be one.

let app: App;
let client: Client;
beforeAll(async () => {
  app = await startApplication(liveApplication, { MAX_STREAMS: "1" });
  client = await logInAs(app, await app.createUser());
});
afterAll(() => app.close());

type Credentials = Pick<Client, "cookies" | "token">;
const nobody: Credentials = { cookies: new Map(), token: null };
const anything = "subscription { anything }";

const refusals: readonly (readonly [
  string,
  number,
  string,
  string,
  () => Promise<Credentials> | Credentials,
])[] = [
  ["without a login", 401, "UNAUTHENTICATED", anything, () => nobody],
  [
    "with a token that was never given",
    401,
    "UNAUTHENTICATED",
    anything,
    () => ({ cookies: new Map(), token: `gws_${"a".repeat(43)}` }),
  ],
  [
    "with the cookie of a session that has ended",
    401,
    "UNAUTHENTICATED",
    anything,
    async () => {
      const ended = await logInAs(app, await app.createUser(), "SESSION");
      const cookies = new Map(ended.cookies);
      await ended.run(LogOutDocument);
      return { cookies, token: null };
    },
  ],
  ["without the permission", 403, "FORBIDDEN", "subscription { watched }", () => client],
  ["that cannot be parsed", 400, "GRAPHQL_PARSE_FAILED", "subscription {", () => client],
  ["that is not valid", 400, "GRAPHQL_VALIDATION_FAILED", "subscription { anythin }", () => client],
  ["beyond a limit", 400, "GRAPHQL_VALIDATION_FAILED", `subscription ${"{ a ".repeat(100)}`, () => client],
  [
    "whose variable does not fit",
    400,
    "BAD_USER_INPUT",
    "subscription ($r: String!) { happened(room: $r) { number } }",
    () => client,
  ],
];

describe("a client that reads nothing but events is told what others get with a status, and that nothing more comes:", () => {
  test.each(refusals)("a subscription %s", async (_name, status, code, query, credentialsOf) => {
    const credentials = await credentialsOf();
    const told = await openStream(app, credentials, query);
    await told.ended;
    expect([told.status, told.codes()]).toEqual([status, [code]]);
    for (const method of ["POST", "GET"] as const) {
      const before = app.log.length;
      const stream = await openStream(app, credentials, query, { method, accept: "text/event-stream" });
      await stream.ended;
      expect(stream.status).toBe(200);
      expect(stream.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
      expect(stream.headers.get("cache-control")).toBe("no-store");
      for (const name of ["www-authenticate", "retry-after"]) expect(stream.headers.get(name)).toBeNull();
      // Whoever does not close an EventSource at `complete` comes back after a minute.
      expect(stream.text()).toBe(
        `retry: 60000\nevent: next\ndata: ${told.text().trimEnd()}\n\nevent: complete\ndata:\n\n`,
      );
      await until(async () => app.log.slice(before).some((line) => line.includes(`"outcomes":["${code}"]`)));
    }
  });

  test("but for another site, which may read none of it", async () => {
    const headers = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
    const { cookies } = await logInAs(app, await app.createUser(), "SESSION");
    const byCookie = { cookies, token: null };
    const stream = await openStream(app, byCookie, anything, { accept: "text/event-stream", headers });
    await stream.ended;
    expect([stream.status, stream.codes()]).toEqual([403, ["CROSS_SITE_REQUEST"]]);
  });

  test("and a query gets what it always got", async () => {
    const refused = await openStream(app, client, "{ one }", { accept: "text/event-stream" });
    await refused.ended;
    expect(refused.status).toBe(406);
  });
});

describe("a server that has no room", () => {
  test("tells an EventSource to come back, each at another time", async () => {
    const first = await openStream(app, client, anything);
    expect(first.status).toBe(200);
    const waits = new Set<string>();
    for (let time = 0; time < 5; time += 1) {
      const full = await openStream(app, client, anything, { method: "GET", accept: "text/event-stream" });
      await full.ended;
      expect([full.status, full.codes()]).toEqual([200, ["SERVICE_UNAVAILABLE"]]);
      const [, wait = ""] = /^retry: (\d+)\nevent: next\ndata: .*\n\n$/.exec(full.text()) ?? [];
      expect(Number(wait)).toBeGreaterThanOrEqual(5_000);
      waits.add(wait);
    }
    expect(waits.size).toBeGreaterThan(1);
    first.close();
    await first.ended;
  });

  test("opens the stream of a graphql-sse client that tries again by itself", async () => {
    let first = await openStream(app, client, anything);
    await until(async () => {
      if (first.status !== 200) first = await openStream(app, client, anything);
      return first.status === 200;
    });
    const told = { numbers: [] as number[], codes: [] as unknown[] };
    const streams = createClient({ url: app.url, headers: { authorization: `Bearer ${client.token}` } });
    const stop = streams.subscribe<{ readonly anything: number }>(
      { query: anything },
      {
        next: ({ data, errors = [] }) => {
          if (data) told.numbers.push(data.anything);
          told.codes.push(...errors.map(({ extensions }) => extensions?.code));
        },
        error: (error) => told.codes.push(error),
        complete: () => told.codes.push("complete"),
      },
    );
    await until(async () => told.codes.length > 0);
    first.close();
    await until(async () => {
      await client.run('mutation { happen(room: "hall", numbers: [1]) }');
      return told.numbers.length > 0;
    });
    expect(new Set(told.codes)).toEqual(new Set(["SERVICE_UNAVAILABLE"]));
    stop();
  });
});

test("a mutation by GET is told that the method is wrong, also if the client accepts nothing but events", async () => {
  for (const accept of ["text/event-stream", "multipart/mixed;subscriptionSpec=1.0", "application/json"]) {
    const query = 'mutation { announce(room: "hall") }';
    const answer = await openStream(app, client, query, { accept, method: "GET" });
    await answer.ended;
    expect([accept, answer.status, answer.codes()]).toEqual([accept, 405, ["METHOD_NOT_ALLOWED"]]);
    expect(answer.headers.get("allow")).toBe("POST");
  }
});
