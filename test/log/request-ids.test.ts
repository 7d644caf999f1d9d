import { afterEach, expect, test } from "vitest";
import { makeToken } from "../../src/auth/secrets/secret.ts";
import { tracing } from "../../src/tracing/open-telemetry.ts";
import { Client } from "../harness/client.ts";
import { type App, startApp } from "../harness/server.ts";

const publicQuery = '{"query":"{ public { message } }"}';
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

let app: App;
afterEach(() => app.close());

const linesIn = () => app.log.map((line) => JSON.parse(line)).filter(({ msg }) => msg === "request");
/** The id in the response, and the line that has it. */
const ask = async (headers: Record<string, string>, body = publicQuery) => {
  const answer = await new Client(app).post(body, headers);
  const id = answer.headers.get("x-request-id");
  await expect.poll(() => linesIn().some(({ requestId }) => requestId === id)).toBe(true);
  return { id, line: linesIn().findLast(({ requestId }) => requestId === id) };
};

test("the id of a trusted proxy is the one of the response and of the log, for a refusal too", async () => {
  app = await startApp({ TRUST_PROXY: "1" });
  for (const [index, id] of [
    "583e3702-9719-4235-9b46-e662c97a3699",
    "0123456789abcdef0123456789abcdef",
    "7F000001:8C3E_7F000001:1F90_65F0B1C2_0001:0A",
    "dGhpcyBpcyBiYXNlNjQ+Lw==",
    "x".repeat(128),
  ].entries()) {
    const { id: answered, line } = await ask({ "x-request-id": id }, index === 0 ? "no json" : publicQuery);
    expect(answered).toBe(id);
    expect(line.status).toBe(index === 0 ? 400 : 200);
  }
});

test("an id that is not well formed, or that holds a token, is replaced by one of ours", async () => {
  app = await startApp({ TRUST_PROXY: "1" });
  for (const id of [
    "",
    "short",
    "x".repeat(129),
    "two ids, one header",
    "forged\u0085line",
    '{"level":60}',
    makeToken("gws_"),
    `id-${makeToken("gwa_")}`,
  ])
    expect((await ask({ "x-request-id": id })).id).toMatch(uuid);
});

test("the id of a client, or of a proxy that TRUST_PROXY does not name, is replaced by one of ours", async () => {
  for (const TRUST_PROXY of ["0", "10.0.0.0/8"]) {
    app = await startApp({ TRUST_PROXY });
    expect((await ask({ "x-request-id": "chosen-by-a-client" })).id).toMatch(uuid);
    await app.close();
  }
  app = await startApp({ TRUST_PROXY: "127.0.0.0/8,::1" });
  expect((await ask({ "x-request-id": "chosen-by-a-proxy" })).id).toBe("chosen-by-a-proxy");
});

const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

test("the trace of a trusted proxy is in the line, if it is well formed", async () => {
  app = await startApp({ TRUST_PROXY: "1" });
  expect((await ask({ traceparent })).line.trace_id).toBe("4bf92f3577b34da6a3ce929d0e0e4736");
  for (const malformed of [
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
    `${traceparent}-more`,
    traceparent.toUpperCase(),
    traceparent.replace("00-", "ff-"),
    `00-${"0".repeat(32)}-00f067aa0ba902b7-01`,
    `00-4bf92f3577b34da6a3ce929d0e0e4736-${"0".repeat(16)}-01`,
    "marguerite",
  ])
    expect((await ask({ traceparent: malformed })).line.trace_id).toEqual(ownTrace);
  expect((await ask({})).line.trace_id).toEqual(ownTrace);
});

test("the trace of a client, or of a proxy that TRUST_PROXY does not name, is ignored", async () => {
  for (const TRUST_PROXY of ["0", "10.0.0.0/8"]) {
    app = await startApp({ TRUST_PROXY });
    expect((await ask({ traceparent })).line.trace_id).toEqual(ownTrace);
    await app.close();
  }
  app = await startApp({ TRUST_PROXY: "127.0.0.0/8,::1" });
  expect((await ask({ traceparent })).line.trace_id).toBe("4bf92f3577b34da6a3ce929d0e0e4736");
});

/** `npm run test:with-traces` gives each request one of its own. */
const ownTrace =
  tracing === null ? undefined : expect.not.stringContaining("4bf92f3577b34da6a3ce929d0e0e4736");
