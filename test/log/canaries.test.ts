import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client } from "../harness/client.ts";
import { type CanaryKind, notedCanaries } from "../harness/logs/canaries.ts";
import { findLeaks, indexCanaries } from "../harness/logs/canary-search.ts";
import { withoutDevelopersSecrets, withoutNamedIds } from "../harness/logs/logs.ts";
import { until } from "../harness/mail/mail.ts";
import { readMessages } from "../harness/mail/outbox.ts";
import { type App, startApp } from "../harness/server.ts";
import { LogInDocument, RequestPasswordResetDocument } from "../operations/generated/graphql.ts";

let app: App;
beforeAll(async () => {
  app = await startApp({ SESSION_SECRET: "planted-session-secret,planted-older-secret" });
});
afterAll(() => app.close());

const kindOf = (text: string): CanaryKind | undefined =>
  notedCanaries().find((canary) => canary.text === text)?.kind;

describe("what the search after each file looks for", () => {
  test("is every value that a client sends", async () => {
    const client = new Client(app);
    await client.run(LogInDocument, { username: "planted-variable", password: "planted-password" });
    await client.run(
      'mutation { login(username: "planted-literal", password: """planted block""") { userId } }',
    );
    await client.run(String.raw`{ __type(name: "planted \"escaped\"") { name } }`);
    await client.send({
      path: `?query={__type(name:"planted-in-get"){name}}&variables={"a":["planted-inner"]}`,
    });
    await client.post('{"query":"planted-broken', { authorization: "Token planted-header" });
    await client.post("{}", { cookie: "graphward=s%3Aplanted-secret.planted-signature; a=b" });
    const missing = Object.entries({
      "planted-variable": "variable",
      "planted-password": "variable",
      "planted-literal": "literal",
      "planted block": "literal",
      'planted "escaped"': "literal",
      "planted-in-get": "literal",
      "planted-inner": "variable",
      "planted-broken": "body",
      "planted-header": "Authorization header",
      "s%3Aplanted-secret.planted-signature": "cookie",
      "s:planted-secret.planted-signature": "cookie",
      "planted-secret": "cookie",
      "planted-session-secret": "configured secret",
      "planted-older-secret": "configured secret",
      $argon2id: "password hash",
    }).filter(([text, kind]) => kindOf(text) !== kind);
    expect(missing).toEqual([]);
  });

  test("is every credential that a client is given, and every secret that is mailed", async () => {
    const user = await app.createUser({ username: "planted-name", email: "planted@example.org" });
    const client = new Client(app);
    const { token } = await client.logIn(user);
    expect(kindOf(token ?? "")).toBe("token");
    expect(client.cookies.size + client.deviceCookies.size).toBe(2);
    for (const value of [...client.cookies.values(), ...client.deviceCookies.values()])
      expect(kindOf(value)).toBe("cookie");
    expect([kindOf("planted-name"), kindOf("planted@example.org"), kindOf(user.password)]).toEqual([
      "account",
      "account",
      "password",
    ]);
    await client.run(RequestPasswordResetDocument, { email: "planted@example.org" });
    const line = await until(() => app.log.find((it) => it.includes("link of a mail in the outbox")));
    await readMessages(app.config.dataDir);
    expect(kindOf(/token=(\w+)/.exec(line)?.[1] ?? "")).toBe("mail link");
  });
});

describe("it finds a text", () => {
  const canary = {
    kind: "variable",
    text: 'Planted "words" of the tests, which are longer than is kept',
  } as const;
  const search = (log: string) => findLeaks(Buffer.from(log), indexCanaries([canary]));

  test.each([
    ["wherever it stands", `before ${canary.text} after`],
    ["at the beginning", canary.text],
    ["as JSON writes it", JSON.stringify({ a: canary })],
    ["as names are compared", canary.text.toLowerCase()],
    ["of which the end is cut off", canary.text.slice(0, 40)],
    ["behind what is no ASCII", `\u00e9\u{1f600}${canary.text}`],
  ])("%s, and tells the line", (_where, log) => {
    expect(search(`first\n${log}\nlast\n`)).toEqual([{ canary, line: log }]);
  });

  test("and no other", () => {
    expect(search(`${canary.text.slice(0, 39)}\n${canary.text.slice(1)}\n`)).toEqual([]);
    expect(search(canary.text.slice(0, 20))).toEqual([]);
  });
});

test("an id is let pass in the fields for ids alone, and nothing else in those", () => {
  const id = "01a20a74-3799-72b9-aebe-5351f4839174";
  expect(withoutNamedIds(`{"time":"2026-01-01T00:00:00.000Z","requestId":"${id}","userId":"${id}"}`)).toBe(
    "{,,}",
  );
  for (const kept of [`{"path":"${id}"}`, `{"userId":"planted"}`, `{"time":"planted"}`])
    expect(withoutNamedIds(kept)).toBe(kept);
});

test("the links of mails are let pass where development prints them, and the first password once", () => {
  const link = '"link":"https://example.org/#token=0"';
  expect(withoutDevelopersSecrets(`{${link},"msg":"link of a mail in the outbox"}`)).not.toContain("token");
  expect(withoutDevelopersSecrets(`{${link},"msg":"request"}`)).toContain("token=0");
  const account = "  account   admin, password planted (shown only once)\n";
  expect(withoutDevelopersSecrets(account + account).match(/planted/g)).toHaveLength(1);
});
