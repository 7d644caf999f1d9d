import { request } from "node:http";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeToken } from "../../src/auth/secrets/secret.ts";
import { Client } from "../harness/client.ts";
import { leaks } from "../harness/logs/leaks.ts";
import { type App, startApp } from "../harness/server.ts";
import { PublicDocument } from "../operations/generated/graphql.ts";

let app: App;
let token: string;
let cookie: string;
beforeAll(async () => {
  app = await startApp({ EXPLORER: "off" });
  const client = new Client(app);
  const login = await client.logIn(await app.createUser());
  token = login.token ?? "";
  cookie = [...client.cookies].map((it) => it.join("=")).join();
});
afterAll(() => app.close());

interface Sent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

/** By hand: fetch refuses what an attacker would not. */
const send = ({ headers, body }: Sent): Promise<{ readonly status: number; readonly body: string }> =>
  new Promise((resolve, reject) => {
    const sent = request(app.url, { method: "POST", headers, agent: false }, async (response) =>
      resolve({ status: response.statusCode ?? 0, body: await text(response) }),
    ).on("error", reject);
    sent.end(body);
  });

const expectHarmless = async (sent: Sent) => {
  const { status, body } = await send(sent);
  expect(status, body).toBeLessThan(500);
  expect(body).not.toMatch(/INTERNAL_SERVER_ERROR|SERVICE_UNAVAILABLE/);
  expect(body).not.toMatch(leaks);
  expect(() => JSON.parse(body)).not.toThrow();
};

/** Every byte that Node lets into a header: others never get that far. */
const headerBytes = fc
  .array(
    fc.integer({ min: 0x20, max: 0xff }).filter((byte) => byte !== 0x7f),
    { maxLength: 300 },
  )
  .map((bytes) => String.fromCharCode(...bytes));
const json = { "content-type": "application/json" };
const query = JSON.stringify({ query: "{ viewer { id } private { message } }" });

const check = <Value>(values: fc.Arbitrary<Value>, property: (value: Value) => Promise<void>) =>
  fc.assert(fc.asyncProperty(values, property), { numRuns: 300 });

describe("never a 5xx and never a leaked text:", () => {
  test("any bytes as Authorization, also around a scheme and a token of ours", async () => {
    const nearTokens = fc.tuple(
      fc.constantFrom("Token ", "Bearer ", "bearer\t", "Basic ", ""),
      fc.oneof(
        headerBytes,
        fc.constant(token),
        fc.constant(makeToken("gwa_")),
        fc.constant(`${token},${token}`),
      ),
      headerBytes,
    );
    const values = fc.oneof(
      headerBytes,
      nearTokens.map((parts) => parts.join("")),
    );
    await check(values, (authorization) =>
      expectHarmless({ headers: { ...json, authorization }, body: query }),
    );
  });

  test("any bytes as Cookie, also around a cookie of ours", async () => {
    const values = fc.oneof(
      headerBytes,
      headerBytes.map((bytes) => `graphward=${bytes}`),
      headerBytes.map(
        (bytes) => `${cookie}${bytes}; graphward-device=${bytes}; graphward-device-AAAAAAAAAAAA=${bytes}`,
      ),
    );
    await check(values, (value) => expectHarmless({ headers: { ...json, cookie: value }, body: query }));
  });

  test("any bytes as a body, also where JSON begins or ends", async () => {
    const values = fc.tuple(
      fc.constantFrom("", "{", '{"query":"', `{"query":"{ viewer { id } }","variables":`),
      fc.uint8Array({ maxLength: 2000 }),
      fc.constantFrom("", "}", '"}', "}}"),
    );
    await check(values, ([before, bytes, after]) =>
      expectHarmless({
        headers: json,
        body: Buffer.concat([Buffer.from(before), bytes, Buffer.from(after)]),
      }),
    );
  });

  test("any JSON as an envelope", async () => {
    const envelope = fc.record(
      {
        query: fc.oneof(fc.json(), fc.constant("{ viewer { id } }"), fc.anything()),
        variables: fc.jsonValue(),
        operationName: fc.jsonValue(),
        extensions: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    await check(fc.oneof(fc.jsonValue(), envelope), async (value) => {
      const body = JSON.stringify(value, (_key, it) => (typeof it === "bigint" ? String(it) : it)) ?? "null";
      await expectHarmless({ headers: json, body });
    });
  });

  test("any JSON as the variables of a login, a registration and a page", async () => {
    const source = `mutation ($username: String!, $password: String!) { login(username: $username, password: $password, mode: TOKEN) { userId } }`;
    const page = `query ($first: Int, $after: String, $userId: ID, $type: AuditEventType) { auditEvents(first: $first, after: $after, userId: $userId, type: $type) { nodes { id } } }`;
    const value = fc.oneof(fc.string({ unit: "binary", maxLength: 200 }), fc.jsonValue({ maxDepth: 3 }));
    const names = ["username", "password", "first", "after", "userId", "type"];
    const variables = fc.record(Object.fromEntries(names.map((name) => [name, value])), { requiredKeys: [] });
    await check(fc.tuple(fc.constantFrom(source, page), variables), ([document, given]) =>
      expectHarmless({
        headers: { ...json, authorization: `Bearer ${token}` },
        body: JSON.stringify({ query: document, variables: given }),
      }),
    );
  });
});

test("after all of it the next honest request succeeds, from the same process", async () => {
  expect((await new Client(app).run(PublicDocument)).status).toBe(200);
});
