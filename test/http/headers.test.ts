import { readdir } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { makeToken } from "../../src/auth/secrets/secret.ts";
import { builtExplorer } from "../../src/explorer/serve.ts";
import { days, toSeconds } from "../../src/time.ts";
import { Client } from "../harness/client.ts";
import { type RawAnswer, sendBytes, writeRequest } from "../harness/connections/socket.ts";
import { type App, startApp, withoutLimits } from "../harness/server.ts";

let http: App;
let https: App;
let withoutExplorer: App;
let asset: string;
beforeAll(async () => {
  const RATE_LIMITS = withoutLimits.replace(/secret\.ip=[^,]+/, "secret.ip=1/1h");
  http = await startApp({ RATE_LIMITS });
  https = await startApp({ RATE_LIMITS, PUBLIC_URL: "https://api.example.com" });
  withoutExplorer = await startApp({ EXPLORER: "off" });
  const names = await readdir(join(builtExplorer, "assets"));
  asset = names.find((name) => name.endsWith(".js")) ?? "";
});
afterAll(async () => {
  await http?.close();
  await https?.close();
  await withoutExplorer?.close();
});

const publicQuery = '{"query":"{ public { message } }"}';
const post = (body: string, headers: Readonly<Record<string, string>> = {}) =>
  writeRequest("POST /graphql", { "content-type": "application/json", ...headers }, body);
const withUnknownToken = () => post(publicQuery, { authorization: `Bearer ${makeToken("gws_")}` });
const page = { accept: "text/html" };

/** One of each kind, with the status that it is answered with. */
const requests: readonly (readonly [name: string, status: number, write: () => string])[] = [
  ["a query", 200, () => post(publicQuery)],
  ["a query that is known", 200, () => post(publicQuery)],
  ["a query by GET", 200, () => writeRequest("GET /graphql?query={public{message}}")],
  ["the schema", 200, () => post('{"query":"{ __schema { queryType { name } } }"}')],
  ["a refused field", 200, () => post('{"query":"{ private { message } }"}')],
  ["the explorer's page", 200, () => writeRequest("GET /graphql", page)],
  ["the way to it", 302, () => writeRequest("GET /", page)],
  ["the explorer's file", 200, () => writeRequest(`GET /explorer/assets/${asset}`)],
  ["a part of it", 200, () => writeRequest(`GET /explorer/assets/${asset}`, { range: "bytes=0-9" })],
  ["a file that is not there", 404, () => writeRequest("GET /explorer/assets/none.js")],
  ["an account page", 200, () => writeRequest("GET /account/verify", page)],
  ["its script", 200, () => writeRequest("GET /account/main.js")],
  ["health", 200, () => writeRequest("GET /health/live")],
  ["HEAD", 200, () => writeRequest("HEAD /health/ready")],
  ["OPTIONS", 204, () => writeRequest("OPTIONS /graphql")],
  ["a preflight", 204, () => preflight("http://localhost")],
  ["a preflight of another site", 204, () => preflight("https://evil.example")],
  ["no JSON", 400, () => post("no json")],
  ["a persisted query", 200, () => post('{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"0"}}}')],
  ["no document", 400, () => post('{"query":"{"}')],
  ["an unknown field", 400, () => post('{"query":"{ nonsense }"}')],
  ["a document beyond a limit", 400, () => post(`{"query":"${"{a".repeat(200)}"}`)],
  ["a variable that does not fit", 400, () => post('{"query":"query($i: ID!) { user(id: $i) { id } }"}')],
  ["a token that is not good", 401, withUnknownToken],
  ["one too many of them", 429, withUnknownToken],
  ["another site", 403, () => post(publicQuery, { origin: "https://evil.example" })],
  ["another site's page", 403, () => writeRequest("GET /account/verify", { origin: "null" })],
  ["an unknown route", 404, () => writeRequest("GET /nothing")],
  ["an address that is not encoded", 404, () => writeRequest("GET /%")],
  ["a way out", 404, () => writeRequest("GET /explorer/assets/../../../package.json")],
  ["another method", 405, () => writeRequest("PUT /graphql")],
  ["another method of a page", 405, () => writeRequest("POST /account/verify")],
  ["another method of health", 405, () => writeRequest("DELETE /health/live")],
  ["a mutation by GET", 405, () => writeRequest("GET /graphql?query=mutation{logout{message}}")],
  ["a media type that is none of ours", 406, () => writeRequest("GET /graphql?query={__typename}", page)],
  ["a body that is too large", 413, () => post(publicQuery.padEnd(200_000))],
  ["a body of another type", 415, () => post(publicQuery, { "content-type": "text/plain" })],
  ["headers that are too long", 431, () => post(publicQuery, { x: "x".repeat(20_000) })],
  ["no HTTP", 400, () => "NONSENSE\r\n\r\n"],
  ["a tunnel", 405, () => writeRequest("CONNECT elsewhere:443")],
  ["no host", 400, () => writeRequest("GET /graphql", { host: undefined })],
  ["an expectation of any kind", 200, () => writeRequest("GET /health/live", { expect: "nonsense" })],
];

const preflight = (origin: string) =>
  writeRequest("OPTIONS /graphql", { origin, "access-control-request-method": "POST" });

/** By name, with the sources of each. */
const policyOf = ({ headers }: RawAnswer): Readonly<Record<string, string>> =>
  Object.fromEntries(
    (headers.get("content-security-policy") ?? "").split(";").map((directive) => {
      const [name = "", ...sources] = directive.trim().split(" ");
      return [name, sources.join(" ")];
    }),
  );

const expectOurHeaders = (answer: RawAnswer, { isHttps = false } = {}) => {
  const { headers } = answer;
  const valuesOf = (...names: readonly string[]) => names.map((name) => headers.get(name));
  expect(valuesOf("cache-control", "x-content-type-options", "referrer-policy", "x-frame-options")).toEqual([
    "no-store",
    "nosniff",
    "no-referrer",
    "DENY",
  ]);
  expect(headers.get("vary")?.split(/, ?/)).toContain("Origin");
  const policy = policyOf(answer);
  expect(policy).toMatchObject({
    "default-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
  });
  // What it does not name is none, as all else: plug-ins of any kind.
  expect(policy).not.toHaveProperty("object-src");
  expect(headers.get("strict-transport-security")).toBe(
    isHttps ? `max-age=${toSeconds(days(365))}; includeSubDomains` : null,
  );
  const tellingOfUs = valuesOf("x-powered-by", "server", "etag", "last-modified", "expires", "set-cookie");
  expect(tellingOfUs).toEqual(tellingOfUs.map(() => null));
  if (headers.get("content-length") !== null && headers.get("content-length") !== "0")
    expect(headers.get("content-type")).toMatch(/^[\w/+-]+; charset=utf-8$/i);
};

describe("every answer carries the security headers, errors included:", () => {
  test.each(requests)("%s (%i)", async (_name, status, write) => {
    for (const app of [http, https]) {
      const answer = await sendBytes(app, write());
      expect(answer.status).toBe(status);
      expectOurHeaders(answer, { isHttps: app === https });
    }
  });

  test("the front page without an explorer (200)", async () => {
    const answer = await sendBytes(withoutExplorer, writeRequest("GET /", page));
    expect(answer.status).toBe(200);
    expectOurHeaders(answer);
    // Nothing in it is allowed to run, load or look like something.
    expect(policyOf(answer)).not.toHaveProperty("script-src");
    expect(policyOf(answer)).not.toHaveProperty("style-src");
  });

  test("while the database is away (503)", async () => {
    const client = new Client(http);
    const user = await http.createUser();
    await client.logIn(user, "SESSION");
    const cookie = [...client.cookies].map((it) => it.join("=")).join();
    const admin = new pg.Client(inject("graphwardCluster"));
    await admin.connect();
    const database = http.databaseName;
    await admin.query(`alter database ${database} allow_connections false`);
    await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [
      database,
    ]);
    const answers = [
      await sendBytes(http, writeRequest("GET /health/ready")),
      await sendBytes(
        http,
        post('{"query":"mutation { login(username: \\"a\\", password: \\"b\\") { userId } }"}'),
      ),
      await sendBytes(http, post('{"query":"{ private { message } }"}', { cookie })),
    ];
    await admin.query(`alter database ${database} allow_connections true`);
    await admin.end();
    for (const answer of answers) {
      expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "1"]);
      expectOurHeaders(answer);
    }
  });
});

describe("every answer to a request", () => {
  test("has a request id that the client did not choose", async () => {
    const ids = new Set<string | null>();
    for (const write of [
      () => post(publicQuery, { "x-request-id": "chosen" }),
      () => post("no json", { "x-request-id": "chosen" }),
      () => writeRequest("GET /nothing", { "x-request-id": "chosen" }),
    ]) {
      const id = (await sendBytes(http, write())).headers.get("x-request-id");
      expect(id).toMatch(/^[0-9a-f-]{36}$/);
      ids.add(id);
    }
    expect(ids.size).toBe(3);
  });
});

test("a page says what only pages need: no window of another origin, no plug-in, no guess at names", async () => {
  const names = ["cross-origin-opener-policy", "x-permitted-cross-domain-policies", "x-dns-prefetch-control"];
  for (const path of ["/graphql", "/account/verify", "/account/reset"]) {
    const { headers } = await sendBytes(http, writeRequest(`GET ${path}`, page));
    expect(names.map((name) => headers.get(name))).toEqual(["same-origin", "none", "off"]);
  }
  for (const app of [http, withoutExplorer]) {
    const { headers } = await sendBytes(app, writeRequest("GET /", page));
    expect(names.map((name) => headers.get(name))).toEqual(["same-origin", "none", "off"]);
  }
  const { headers } = await sendBytes(http, post(publicQuery));
  expect(names.map((name) => headers.get(name))).toEqual([null, null, null]);
});

test("HSTS is what PUBLIC_URL says, whatever the hop before us speaks, and nothing is sent to https", async () => {
  const forwarded = { "x-forwarded-proto": "http", forwarded: "proto=http" };
  const answer = await sendBytes(https, writeRequest("GET /health/live", forwarded));
  expectOurHeaders(answer, { isHttps: true });
  const other = { "x-forwarded-proto": "https", forwarded: "proto=https" };
  const plain = await sendBytes(http, writeRequest("GET /health/live", other));
  expectOurHeaders(plain);
  for (const { headers } of [answer, plain])
    expect(headers.get("content-security-policy")).not.toContain("upgrade-insecure-requests");
});
