import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeToken } from "../../src/auth/secrets/secret.ts";
import { Client, logInAs } from "../harness/client.ts";
import { growthBy as growth, type Labels, scrape, withMetrics } from "../harness/scrape.ts";
import { type App, startApp, withoutLimits } from "../harness/server.ts";

let app: App;
beforeAll(async () => {
  app = await startApp(withMetrics);
});
afterAll(() => app.close());

/** Waits: a request is counted when its response has left, a moment after the client has it. */
const expectGrowth = async (name: string, labels: Labels, by: number, act: () => Promise<unknown>) => {
  const before = (await scrape(app)).valueOf(name, labels) ?? 0;
  await act();
  await expect.poll(async () => ((await scrape(app)).valueOf(name, labels) ?? 0) - before).toBe(by);
};
const operations = "graphward_operations_total";

describe("an operation is counted by its root field and its outcome", () => {
  test.each([
    [
      "the first time, which Apollo executes, and again, which the fast path does",
      "{ public { message } }",
      "query",
      "public",
      "ok",
    ],
    [
      "with an alias and a fragment",
      "query Q { x: public { ...M } } fragment M on Message { message }",
      "query",
      "public",
      "ok",
    ],
    [
      "a mutation",
      'mutation { login(username: "nobody-x", password: "wrong") { userId } }',
      "mutation",
      "login",
      "INVALID_CREDENTIALS",
    ],
    ["a refused field", "{ private { message } }", "query", "private", "UNAUTHENTICATED"],
    ["the same field twice", "{ a: public { message } b: public { message } }", "query", "public", "ok"],
    ["two fields", "{ public { message } viewer { __typename } }", "query", "several", "ok"],
    [
      "fields of a fragment",
      "{ ...F } fragment F on Query { public { message } __typename }",
      "query",
      "several",
      "ok",
    ],
    ["the schema", "{ __typename }", "query", "introspection", "ok"],
    ["an unknown field", "{ nobodyKnowsThis }", "query", "none", "GRAPHQL_VALIDATION_FAILED"],
    ["no document", "{ public { ", "query", "none", "GRAPHQL_PARSE_FAILED"],
  ])("%s", async (_name, query, type, field, outcome) => {
    const client = new Client(app);
    await expectGrowth(operations, { type, field, outcome }, 3, async () => {
      for (let count = 0; count < 3; count++) await client.run(query);
    });
  });

  test("a request that is refused as a whole", async () => {
    const none = { field: "none" };
    await expectGrowth(operations, { ...none, outcome: "UNAUTHENTICATED" }, 1, () =>
      new Client(app, { token: "gws_unknown-token" }).run("{ public { message } }"),
    );
    await expectGrowth(operations, { ...none, outcome: "CROSS_SITE_REQUEST" }, 1, () =>
      new Client(app).send({ method: "POST", headers: { origin: "https://elsewhere.example" } }),
    );
    await expectGrowth(operations, { ...none, outcome: "METHOD_NOT_ALLOWED" }, 1, () =>
      new Client(app).send({ method: "DELETE" }),
    );
    await expectGrowth(operations, { ...none, outcome: "BAD_REQUEST" }, 1, () => new Client(app).post("{"));
  });

  test("and several codes in one response are `several`", async () => {
    await expectGrowth(operations, { field: "several", outcome: "several" }, 1, () =>
      new Client(app).run(
        'mutation { login(username: "nobody-x", password: "wrong") { userId } logout { __typename } }',
      ),
    );
  });

  test("a preflight, a page and a health check are none", async () => {
    const before = (await scrape(app)).valueOf(operations);
    await fetch(app.url, { method: "OPTIONS" });
    await fetch(app.url, { headers: { accept: "text/html" } });
    await fetch(`${app.origin}/health/live`);
    await new Client(app).run("{ public { message } }");
    await expect.poll(async () => (await scrape(app)).valueOf(operations)).toBe((before ?? 0) + 1);
  });
});

describe("time", () => {
  describe("of a request is that of the first part of its path", () => {
    test.each([
      ["/health/live", "health", "2xx"],
      ["/account/reset", "account", "2xx"],
      ["/explorer/nothing", "explorer", "4xx"],
      ["/graphql?query=%7Bpublic%7Bmessage%7D%7D", "graphql", "2xx"],
      ["/graphqlx", "other", "4xx"],
    ])("of a request to %s is that of %s", async (path, area, status) => {
      await expectGrowth("graphward_http_request_duration_seconds_count", { area, status }, 1, () =>
        fetch(app.origin + path, { redirect: "manual", headers: { "apollo-require-preflight": "1" } }),
      );
    });
  });

  test("of an operation is in the sum and in a bucket", async () => {
    await expectGrowth("graphward_operation_duration_seconds_count", { type: "query" }, 1, () =>
      new Client(app).run("{ public { message } }"),
    );
    const after = await scrape(app);
    const name = "graphward_operation_duration_seconds";
    expect(after.valueOf(`${name}_bucket`, { type: "query", le: "+Inf" })).toBe(
      after.valueOf(`${name}_count`, { type: "query" }),
    );
    expect(after.valueOf(`${name}_sum`, { type: "query" })).toBeGreaterThan(0);
  });

  test("of a client that leaves before it has a response is counted too", async () => {
    const of = { area: "graphql", status: "none" };
    await expectGrowth("graphward_http_request_duration_seconds_count", of, 1, async () => {
      const socket = connect(app.server.port, "127.0.0.1");
      const head =
        "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n";
      await new Promise<void>((resolve) => socket.write(`${head}{`, () => resolve()));
      socket.destroy();
    });
  });
});

test("the viewer cache: the first use of a credential asks the database, the next does not", async () => {
  const client = await logInAs(app, await app.createUser());
  // Nothing is cached before the first notice has arrived.
  await expect
    .poll(async () => (await scrape(app)).valueOf("graphward_revocation_lag_seconds_count"))
    .toBeGreaterThan(0);
  await client.run("{ private { message } }");
  const hits = await growth(app, "graphward_viewer_lookups_total", { result: "hit" }, () =>
    client.run("{ private { message } }"),
  );
  expect(hits).toBe(1);
  const other = await logInAs(app, await app.createUser());
  const misses = await growth(app, "graphward_viewer_lookups_total", { result: "miss" }, () =>
    other.run("{ private { message } }"),
  );
  expect(misses).toBe(1);
  expect((await scrape(app)).valueOf("graphward_revocation_silence_seconds")).toBeLessThan(3);
});

test("a limit: what is spent, and what is refused", async () => {
  const limited = await startApp({ ...withMetrics, RATE_LIMITS: `${withoutLimits},login.account=1/15m` });
  const attempt = () =>
    new Client(limited).run(
      'mutation { login(username: "somebody", password: "wrong horse battery") { userId } }',
    );
  await attempt();
  await attempt();
  const after = await scrape(limited);
  const of = (limit: string, outcome: string) =>
    after.valueOf("graphward_rate_limits_total", { limit, outcome });
  expect([of("login.account", "spent"), of("login.account", "refused")]).toEqual([1, 1]);
  expect([of("login.ip", "spent"), of("login.ip", "refused")]).toEqual([2, 0]);
  expect(after.valueOf("graphward_logins_total", { way: "password", outcome: "limited" })).toBe(1);
  // With a right checksum, as that of a session that has ended.
  await new Client(limited, { token: makeToken("gws_") }).run("{ public { message } }");
  expect(
    (await scrape(limited)).valueOf("graphward_rate_limits_total", { limit: "secret.ip", outcome: "spent" }),
  ).toBe(1);
  await limited.close();
});
