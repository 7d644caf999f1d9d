import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Client } from "../../harness/client.ts";
import { graphward } from "../../harness/process.ts";
import { type App, startApp } from "../../harness/server.ts";
import { ChangePasswordDocument, RegisterDocument } from "../../operations/generated/graphql.ts";

const breached = "a passphrase that leaked";
const digest = createHash("sha1").update(breached).digest("hex").toUpperCase();

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly location?: string;
}

let service: Server;
let asked: string[];
let respond: (prefix: string) => Answer | null;
let app: App;
let url: string;
beforeAll(async () => {
  service = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers["add-padding"]}`);
    const answer = respond((request.url ?? "").slice("/range/".length));
    if (answer === null) return;
    const { status, body, location } = answer;
    response.writeHead(status, location === undefined ? {} : { location }).end(body);
  }).listen(0, "127.0.0.1");
  await once(service, "listening");
  url = `http://127.0.0.1:${(service.address() as AddressInfo).port}/range/`;
  app = await startApp({ BREACHED_PASSWORDS_URL: url });
});
afterAll(async () => {
  await app.close();
  service.closeAllConnections();
  service.close();
});
beforeEach(() => {
  asked = [];
  respond = (prefix) => ({
    status: 200,
    body: `${"0".repeat(35)}:0\r\n${prefix === digest.slice(0, 5) ? digest.slice(5) : "F".repeat(35)}:7\r\n`,
  });
});

let people = 0;
const register = (password: string) => {
  people += 1;
  const input = { username: `person-${people}`, email: `person-${people}@example.org`, password };
  return new Client(app).run(RegisterDocument, { input });
};
const rulesOf = ({ errors }: Awaited<ReturnType<typeof register>>) =>
  ((errors[0]?.extensions.fields ?? []) as { field: string; rule: string }[]).map(
    ({ field, rule }) => `${field} ${rule}`,
  );

test("a password that was in a breach is refused, at registration, at a change and on the command line", async () => {
  expect(rulesOf(await register(breached))).toEqual(["password breached"]);
  const user = await app.createUser();
  const client = new Client(app);
  await client.logIn(user, "TOKEN");
  const change = { currentPassword: user.password, newPassword: breached };
  expect((await client.run(ChangePasswordDocument, change)).errors[0]?.extensions.fields).toMatchObject([
    { field: "newPassword", rule: "breached" },
  ]);
  const environment = { DATABASE_URL: app.config.databaseUrl ?? "", BREACHED_PASSWORDS_URL: url };
  const command = ["user", "create", "--username", "made-by-hand", "--password-stdin"];
  const made = await graphward(command, { environment, input: `${breached}\n` });
  expect([made.status, made.stderr]).toEqual([1, expect.stringContaining("breach")]);
});

test("the service learns five digits of the digest, and how long its answer is nobody", async () => {
  await register(breached);
  expect(asked).toEqual([`/range/${digest.slice(0, 5)} true`]);
});

test("another password is taken, and one that breaks another rule asks nobody", async () => {
  expect((await register("a passphrase of nobody")).codes).toEqual([]);
  asked = [];
  expect(rulesOf(await register("short"))).toEqual(["password min_length"]);
  expect(asked).toEqual([]);
});

test("padding, which has the count 0, is no breach", async () => {
  respond = () => ({ status: 200, body: `${digest.slice(5)}:0\r\n` });
  expect((await register(breached)).codes).toEqual([]);
});

describe("a service that cannot be relied on", () => {
  test.each<[string, typeof respond]>([
    ["fails", () => ({ status: 500, body: `${digest.slice(5)}:7` })],
    ["answers with something else", () => ({ status: 200, body: "<html>" })],
    // Where the answer would be a breach.
    [
      "sends elsewhere",
      (prefix) =>
        prefix === "elsewhere"
          ? { status: 200, body: `${digest.slice(5)}:7` }
          : { status: 302, body: "", location: `${url}elsewhere` },
    ],
    ["does not answer", () => null],
  ])("and %s stops nobody, and the log says so without the password", async (_how, answer) => {
    respond = answer;
    expect((await register(breached)).codes).toEqual([]);
    expect(app.log.join("")).not.toContain(breached);
    expect(app.log.join("")).not.toContain(digest.slice(5));
    expect(asked).toHaveLength(1);
  });
});
