import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { builtExplorer } from "../../src/explorer/serve.ts";
import { sendBytes, writeRequest } from "../harness/connections/socket.ts";
import { type App, startApp } from "../harness/server.ts";

let app: App;
let closed: App;
beforeAll(async () => {
  app = await startApp();
  closed = await startApp({ EXPLORER: "off" });
});
afterAll(async () => {
  await app?.close();
  await closed?.close();
});

const open = (path: string, { method = "GET", on = app } = {}) =>
  sendBytes(on, writeRequest(`${method} ${path}`, { accept: "text/html,*/*;q=0.8" }));

describe("an unknown route is a JSON 404, whatever the method:", () => {
  test.each([
    "//",
    "/graphql/x",
    "/graphql/../nothing",
    "/%",
    "/%00",
    "/.env",
    "/.git/config",
    "/package.json",
    "/schema.graphql",
    "/health",
    "/health/live/x",
    "/account",
    "/account/../../package.json",
    "/account/..%2f..%2fserver.js",
    "/account/%2e%2e/%2e%2e/package.json",
    "/account/constructor",
    "/explorer",
    "/explorer/index.html",
    "/explorer/assets",
    "/explorer/assets/",
    "/explorer/assets/index.html",
    "/explorer/assets/none.js",
    "/explorer/assets/.hidden",
    "/explorer/assets/../index.html",
    "/explorer/assets/..%2findex.html",
    "/explorer/assets/%2e%2e/%2e%2e/%2e%2e/package.json",
    "/explorer/assets/%c0%ae%c0%ae/index.html",
    "/explorer/assets/x%00.js",
    `/${"x".repeat(10_000)}`,
  ])("%.60s", async (path) => {
    for (const on of [app, closed])
      for (const method of ["GET", "POST", "DELETE"]) {
        const { status, headers, body } = await open(path, { method, on });
        expect([method, status, headers.get("content-type")]).toEqual([
          method,
          404,
          "application/json; charset=utf-8",
        ]);
        expect(JSON.parse(body)).toEqual({
          errors: [{ message: "Not found.", extensions: { code: "NOT_FOUND" } }],
        });
      }
  });
});

describe("the front page", () => {
  test("leads a browser to the explorer, or without one names the endpoint", async () => {
    const { status, headers, body } = await open("/");
    expect([status, headers.get("location"), body]).toEqual([302, "/graphql", ""]);
    const named = await open("/", { on: closed });
    expect([named.status, named.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(named.body).toContain("<code>/graphql</code>");
  });

  test("is for browsers that open it: any other client or method gets the JSON 404", async () => {
    for (const on of [app, closed]) {
      const accepts = [undefined, "*/*", "application/json", "application/json, text/html"];
      const answers = await Promise.all([
        ...accepts.map((accept) => sendBytes(on, writeRequest("GET /", { accept }))),
        ...["POST", "PUT", "DELETE"].map((method) => open("/", { method, on })),
      ]);
      for (const { status, body } of answers)
        expect([status, JSON.parse(body)]).toEqual([
          404,
          { errors: [{ message: "Not found.", extensions: { code: "NOT_FOUND" } }] },
        ]);
    }
  });
});

test("live and ready answer GET and HEAD, and nothing else", async () => {
  for (const path of ["/health/live", "/health/ready"]) {
    for (const method of ["GET", "HEAD"]) expect((await open(path, { method })).status).toBe(200);
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"]) {
      const { status, headers } = await open(path, { method });
      expect([method, status, headers.get("allow")]).toEqual([method, 405, "GET, HEAD"]);
    }
  }
});

test("with the explorer off there is neither its page nor a file of it", async () => {
  const [asset] = await readdir(join(builtExplorer, "assets"));
  for (const [on, statuses] of [
    [app, [200, 200]],
    [closed, [400, 404]],
  ] as const) {
    const answers = [await open("/graphql", { on }), await open(`/explorer/assets/${asset}`, { on })];
    expect(answers.map(({ status }) => status)).toEqual(statuses);
  }
  expect(JSON.parse((await open("/graphql", { on: closed })).body).errors[0].extensions.code).toBe(
    "BAD_REQUEST",
  );
});

test("production has no explorer unless told", async () => {
  const production = await startApp({
    NODE_ENV: "production",
    HOST: "127.0.0.1",
    PUBLIC_URL: "https://api.example.com",
  });
  expect((await open("/graphql", { on: production })).headers.get("content-type")).not.toContain("html");
  await production.close();
});
