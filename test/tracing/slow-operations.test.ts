import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readConfig } from "../../src/config/config.ts";
import { tracing } from "../../src/tracing/open-telemetry.ts";
import { beginStatement } from "../../src/tracing/statements.ts";
import { Client, logInAs } from "../harness/client.ts";
import { problemsOf } from "../harness/configuration.ts";
import { type App, startApp } from "../harness/server.ts";
import { LogInDocument } from "../operations/generated/graphql.ts";

let app: App;
let slow: App;
beforeAll(async () => {
  app = await startApp({ SLOW_OPERATION: "1m" });
  slow = await startApp({ SLOW_OPERATION: "1ms", TRUST_PROXY: "1" });
});
afterAll(async () => {
  await slow.close();
  await app.close();
});

const linesIn = (server: App) =>
  server.log.map((line) => JSON.parse(line)).filter(({ msg }) => msg === "slow operation");
const lineOf = async (id: string | null) => {
  await expect.poll(() => linesIn(slow).some(({ requestId }) => requestId === id)).toBe(true);
  return linesIn(slow).find(({ requestId }) => requestId === id);
};

test("an operation that takes longer is a line with what took the time, and no value", async () => {
  const { username, password } = await slow.createUser();
  const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const answer = await new Client(slow).post(
    JSON.stringify({
      query: `mutation Marguerite($name: String!, $password: String!) {
        login(username: $name, password: $password) { userId }
      }`,
      variables: { name: username, password },
    }),
    { traceparent },
  );
  const line = await lineOf(answer.headers.get("x-request-id"));
  expect(line).toEqual({
    level: 40,
    time: expect.any(String),
    requestId: answer.headers.get("x-request-id"),
    trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
    type: "mutation",
    fields: ["login"],
    operationName: "Marguerite",
    milliseconds: expect.any(Number),
    statements: expect.any(Number),
    slowest: expect.any(Array),
    msg: "slow operation",
  });
  expect(line.statements).toBeGreaterThan(2);
  expect(line.slowest).toHaveLength(3);
  for (const statement of line.slowest) {
    expect(statement).toEqual({
      summary: expect.stringMatching(/^(select|insert|update|delete|with|begin|start|commit)( \w+)*$/),
      fingerprint: expect.stringMatching(/^[0-9a-f]{12}$/),
      milliseconds: expect.any(Number),
    });
    expect(statement.milliseconds).toBeLessThanOrEqual(line.milliseconds + 1);
  }
  const took = line.slowest.map((it: { milliseconds: number }) => it.milliseconds);
  expect(took).toEqual(took.toSorted((a: number, b: number) => b - a));
});

test("statements of one operation are not those of another at the same time", async () => {
  const user = await slow.createUser();
  const client = await logInAs(slow, user);
  const [open, login] = await Promise.all([
    client.run("{ public { message } }"),
    new Client(slow).run(LogInDocument, { ...user, mode: "TOKEN" }),
  ]);
  expect((await lineOf(login.headers.get("x-request-id"))).statements).toBeGreaterThan(2);
  const line = linesIn(slow).find(({ requestId }) => requestId === open.headers.get("x-request-id"));
  expect(line?.statements ?? 0).toBeLessThanOrEqual(1);
});

test("a faster one is none", async () => {
  await logInAs(app, await app.createUser());
  expect(linesIn(app)).toEqual([]);
});

test("with off, no statement is counted and nothing is logged", async () => {
  const off = await startApp({ SLOW_OPERATION: "off" });
  await logInAs(off, await off.createUser());
  expect(linesIn(off)).toEqual([]);
  if (tracing === null) expect(beginStatement("select 1")).toBeNull();
  await off.close();
});

describe("the setting", () => {
  test("is a duration, or off", () => {
    expect(readConfig({}).slowOperation).toBe(1000);
    expect(readConfig({ SLOW_OPERATION: "250ms" }).slowOperation).toBe(250);
    expect(readConfig({ SLOW_OPERATION: "2s" }).slowOperation).toBe(2000);
    expect(readConfig({ SLOW_OPERATION: "off" }).slowOperation).toBeNull();
    for (const SLOW_OPERATION of ["0ms", "0", "500", "fast", "1.5s", "-1s"])
      expect(problemsOf({ SLOW_OPERATION })).toEqual([
        "SLOW_OPERATION: must be off, or a duration such as 500ms or 2s",
      ]);
  });
});
