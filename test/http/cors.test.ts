import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeToken } from "../../src/auth/secrets/secret.ts";
import { Client } from "../harness/client.ts";
import { sendBytes, writeRequest } from "../harness/connections/socket.ts";
import { withLockedAccounts } from "../harness/database/database-locks.ts";
import { type App, startApp } from "../harness/server.ts";

const origin = "https://app.example.com";

let app: App;
beforeAll(async () => {
  app = await startApp({ ALLOWED_ORIGINS: origin });
});
afterAll(() => app.close());

const names = ["origin", "credentials", "expose-headers", "methods", "headers", "max-age"];
/** What CORS says in an answer, by the last part of the names. */
const corsOf = (headers: Headers) =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value =
        headers.get(`access-control-allow-${name}`) ?? headers.get(`access-control-${name}`) ?? null;
      return value === null ? [] : [[name, value]];
    }),
  );

const post = (body: string, headers: Readonly<Record<string, string>>) =>
  writeRequest("POST /graphql", { "content-type": "application/json", ...headers }, body);
const publicQuery = '{"query":"{ public { message } }"}';

/** One of each kind of answer to what is no preflight. */
const requests: Readonly<Record<string, (headers: Readonly<Record<string, string>>) => string>> = {
  "200 to a POST": (headers) => post(publicQuery, headers),
  "200 to a GET": (headers) => writeRequest("GET /graphql?query={public{message}}", headers),
  "400 to a body": (headers) => post("no json", headers),
  "400 to a document": (headers) => post('{"query":"{"}', headers),
  "401": (headers) => post(publicQuery, { ...headers, authorization: `Bearer ${makeToken("gws_")}` }),
  "404": (headers) => writeRequest("GET /nothing", headers),
  "405": (headers) => writeRequest("PUT /graphql", headers),
  "413": (headers) => post(publicQuery.padEnd(102_401), headers),
  "415": (headers) => post(publicQuery, { ...headers, "content-type": "text/plain" }),
  "200 of another route": (headers) => writeRequest("GET /health/live", headers),
};

test("a listed origin may read every answer, errors as well, with its credentials", async () => {
  for (const [name, write] of Object.entries(requests)) {
    const { status, headers } = await sendBytes(app, write({ origin }));
    expect([name.slice(0, 3), corsOf(headers)]).toEqual([
      String(status),
      { origin, credentials: "true", "expose-headers": "Retry-After,WWW-Authenticate,X-Request-Id" },
    ]);
  }
});

test("no other origin is told anything by CORS, and every answer varies by origin", async () => {
  for (const other of [undefined, "https://evil.example", "null", `${origin}.evil.example`, `${origin}:444`])
    for (const [name, write] of Object.entries(requests)) {
      // As a browser's own page would: the cross-site rules let it pass, so that it is for CORS to be silent.
      const sent = other === undefined ? {} : { origin: other, "sec-fetch-site": "same-origin" };
      const { status, headers } = await sendBytes(app, write(sent));
      expect([name.slice(0, 3), corsOf(headers), headers.get("vary")]).toEqual([
        String(status),
        {},
        "Origin",
      ]);
    }
});

const preflight = (headers: Readonly<Record<string, string>>) =>
  new Client(app).send({
    method: "OPTIONS",
    headers: { "access-control-request-method": "POST", ...headers },
  });

test("a preflight of a listed origin is told what it may send", async () => {
  const headers = { origin, "access-control-request-headers": "authorization,content-type" };
  const answer = await preflight(headers);
  expect([answer.status, corsOf(answer.headers)]).toEqual([
    204,
    {
      origin,
      credentials: "true",
      methods: "GET,POST",
      headers: "authorization,content-type",
      "max-age": "600",
      "expose-headers": "Retry-After,WWW-Authenticate,X-Request-Id",
    },
  ]);
  expect(answer.headers.get("vary")).toContain("Origin");
});

test("a preflight of another origin is told nothing, and OPTIONS what is allowed", async () => {
  for (const headers of [
    { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
    { origin: "null" },
    { origin: `${origin}.evil.example` },
    {},
  ]) {
    const answer = await preflight(headers);
    expect([answer.status, answer.headers.get("allow"), corsOf(answer.headers)]).toEqual([
      204,
      "GET, POST, OPTIONS",
      {},
    ]);
    expect(answer.headers.get("vary")).toContain("Origin");
  }
});

test("a preflight costs no query, whatever credential comes along", async () => {
  const credentials = { authorization: `Bearer ${makeToken("gws_")}`, cookie: "graphward=x" };
  await withLockedAccounts(app, async () => {
    for (const asking of [origin, "https://evil.example"])
      expect((await preflight({ ...credentials, origin: asking })).status).toBe(204);
  });
});

describe("ALLOWED_ORIGINS can list", () => {
  const apps = [
    "capacitor://localhost",
    "ionic://localhost",
    "app://com.example.notes",
    "tauri://localhost",
    "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
    "safari-web-extension://E3449EA7-EC25-4696-8E6F-464FFE3DE2CC",
  ];
  const wildcards = [
    "https://*.preview.example.com",
    "https://*.other.example.com:8443",
    "http://*.localhost:3000",
  ];
  let listing: App;
  beforeAll(async () => {
    listing = await startApp({ ALLOWED_ORIGINS: [...apps, ...wildcards].join() });
  });
  afterAll(() => listing.close());

  const statusesOf = async (asking: string) => {
    const client = new Client(listing);
    const answer = await client.post(publicQuery, { origin: asking, "sec-fetch-site": "cross-site" });
    const headers = { origin: asking, "access-control-request-method": "POST" };
    const preflighted = await client.send({ method: "OPTIONS", headers });
    return [answer, preflighted].map((it) => [it.status, corsOf(it.headers).origin]);
  };
  const allowed = (asking: string) => [
    [200, asking],
    [204, asking],
  ];
  const refused = [
    [403, undefined],
    [204, undefined],
  ];

  test.each(apps)("the origin of an app: %s", async (asking) => {
    expect(await statusesOf(asking)).toEqual(allowed(asking));
    expect(await statusesOf(`${asking}x`)).toEqual(refused);
  });

  test("a wildcard allows one label in its place, and nothing else", async () => {
    for (const asking of [
      "https://pr-7.preview.example.com",
      "https://x.preview.example.com",
      "https://x.other.example.com:8443",
      "http://tenant.localhost:3000",
    ])
      expect(await statusesOf(asking)).toEqual(allowed(asking));
    for (const asking of [
      "https://preview.example.com",
      "https://.preview.example.com",
      "https://*.preview.example.com",
      "https://a.b.preview.example.com",
      "https://a..preview.example.com",
      "http://x.preview.example.com",
      "https://x.preview.example.com:444",
      "https://X.preview.example.com",
      "https://xpreview.example.com",
      "https://x.preview.example.com.evil.example",
      "https://evil.example/.preview.example.com",
      "https://u@x.preview.example.com",
      "https://x.other.example.com",
      "capacitor://x.preview.example.com",
      "null",
    ])
      expect([asking, await statusesOf(asking)]).toEqual([asking, refused]);
  });
});
