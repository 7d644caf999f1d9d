import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Client } from "../harness/client.ts";
import { sendBytes, writeRequest } from "../harness/connections/socket.ts";
import { jobsOf, readOutbox, until } from "../harness/mail/mail.ts";
import { type App, startApp } from "../harness/server.ts";

let dataDir: string;
let app: App;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "graphward-links-"));
  app = await startApp({ DATA_DIR: dataDir, PUBLIC_URL: "https://api.example.com", TRUST_PROXY: "1" });
});
afterAll(async () => {
  await app?.close();
  await rm(dataDir, { recursive: true, force: true });
});
afterEach(() => rm(join(dataDir, "outbox"), { recursive: true, force: true }));

/** The hosts that anything in the mails leads to, once all of them are sent. */
const hostsInMails = async (count: number) => {
  await until(async () => (await jobsOf(app.database)).length === 0);
  const mails = await readOutbox(dataDir);
  expect(mails).toHaveLength(count);
  const bodies = mails.map((mail) => `${mail.text}${mail.html}`).join("\n");
  return new Set([...bodies.matchAll(/\bhttps?:\/\/[^/\s"<#]+/g)].map(([origin]) => origin));
};

const names = ["Host", "X-Forwarded-Host", "X-Forwarded-Server", "X-Host", "X-Original-Host", "Forwarded"];
const misleading: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ...Object.fromEntries(names.map((name) => [name, { [name.toLowerCase()]: "evil.example" }])),
  "all of them, with a scheme and a port": Object.fromEntries(
    names.map((name) => [name.toLowerCase(), name === "Forwarded" ? "host=evil.example" : "evil.example:81"]),
  ),
  "a proxy's word for the scheme": { "x-forwarded-proto": "http", "x-forwarded-port": "81" },
  "Origin and Referer": { origin: "https://api.example.com", referer: "https://evil.example/" },
};

describe("links in mail come from PUBLIC_URL alone, whatever is sent as", () => {
  test.each(Object.keys(misleading))("%s", async (name) => {
    const email = `${Math.random().toString(36).slice(2)}@example.org`;
    const known = await app.createUser({ email });
    const other = `${Math.random().toString(36).slice(2)}@example.org`;
    const client = new Client(app);
    await client.logIn(known, "TOKEN");
    const post = (query: string, headers: Readonly<Record<string, string>> = {}) =>
      sendBytes(
        app,
        writeRequest(
          "POST /graphql",
          { "content-type": "application/json", ...misleading[name], ...headers },
          JSON.stringify({ query }),
        ),
      );
    const answers = [
      await post(`mutation { requestPasswordReset(email: "${email}") { message } }`),
      await post(
        `mutation { register(input: { username: "${other.slice(0, 8)}x", email: "${other}", password: "correct horse battery staple" }) { message } }`,
      ),
      await post(`mutation { changeEmail(email: "new-${other}") { message } }`, {
        authorization: `Bearer ${client.token}`,
      }),
    ];
    for (const { body } of answers) expect(JSON.parse(body).errors).toBeUndefined();
    expect(await hostsInMails(3)).toEqual(new Set(["https://api.example.com"]));
  });
});

test("an absolute address as the request's target is no host of ours either", async () => {
  const { email } = await app.createUser({ email: "absolute@example.org" });
  const { status } = await sendBytes(
    app,
    writeRequest(
      "POST http://evil.example/graphql",
      { "content-type": "application/json" },
      JSON.stringify({ query: `mutation { requestPasswordReset(email: "${email}") { message } }` }),
    ),
  );
  expect(status).toBe(200);
  expect(await hostsInMails(1)).toEqual(new Set(["https://api.example.com"]));
});
