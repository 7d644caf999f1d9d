import { afterEach, expect, test } from "vitest";
import { sendBytes, writeRequest } from "../harness/connections/socket.ts";
import { type App, startApp } from "../harness/server.ts";

let app: App;
afterEach(() => app.close());

const listed = "https://app.example.com";
const start = async () => {
  app = await startApp({ ALLOWED_ORIGINS: listed });
};

const query = (headers: Readonly<Record<string, string>>) =>
  writeRequest(
    "POST /graphql",
    { "content-type": "application/json", ...headers },
    '{"query":"{ public { message } }"}',
  );
const preflight = (origin: string) =>
  writeRequest("OPTIONS /graphql", { origin, "access-control-request-method": "POST" });

const warnings = () => app.log.map((line) => JSON.parse(line)).filter(({ level }) => level === 40);
const namedOrigins = () => warnings().flatMap(({ origin }) => origin ?? []);

test("an origin that ALLOWED_ORIGINS does not list is named once, with the setting, when it is refused", async () => {
  await start();
  expect((await sendBytes(app, query({ origin: "http://localhost:5173" }))).status).toBe(403);
  expect(namedOrigins()).toEqual(["http://localhost:5173"]);
  expect(warnings()[0].msg).toContain("ALLOWED_ORIGINS");
  await sendBytes(app, preflight("http://localhost:5173"));
  await sendBytes(app, query({ origin: "http://localhost:5173" }));
  // A preflight is not refused: it is answered without the headers that a browser looks for.
  await sendBytes(app, preflight("http://localhost:3000"));
  expect(namedOrigins()).toEqual(["http://localhost:5173", "http://localhost:3000"]);
});

test("what is let pass is not named: a listed origin, a page of ours, and a client without an origin", async () => {
  await start();
  await sendBytes(app, preflight(listed));
  for (const headers of [
    { origin: listed },
    { origin: "http://127.0.0.1:4000", "sec-fetch-site": "same-origin" },
    {},
  ])
    expect((await sendBytes(app, query(headers))).status).toBe(200);
  expect(warnings()).toEqual([]);
});

test("only what ALLOWED_ORIGINS could list is named: an attacker's text stays out of the log", async () => {
  await start();
  for (const origin of [
    "null",
    "forged text of an attacker",
    "https://user:hunter2-hunter2@evil.example",
    "https://evil.example/path?forged",
    "https://EVIL.example",
    "https://\u0085forged.example",
    `https://${"a.".repeat(200)}example`,
  ])
    expect((await sendBytes(app, query({ origin }))).status).toBe(403);
  expect(warnings()).toEqual([]);
});

test("a hundred origins are named, and then no more", async () => {
  await start();
  for (let index = 0; index < 110; index += 1)
    await sendBytes(app, query({ origin: `https://${index}.example` }));
  expect(namedOrigins()).toHaveLength(100);
  expect(warnings()).toHaveLength(101);
});
