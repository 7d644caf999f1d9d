import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { makeToken } from "../../../src/auth/secrets/secret.ts";
import { Client } from "../../harness/client.ts";
import { readOutbox, until } from "../../harness/mail/mail.ts";
import { type App, startApp } from "../../harness/server.ts";
import { createScript } from "../../harness/sign-in/access-token.ts";
import {
  PublicDocument,
  ReportLeakedTokenDocument,
  ViewerDocument,
} from "../../operations/generated/graphql.ts";

let app: App;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const report = (token: string) => new Client(app).run(ReportLeakedTokenDocument, { token });
const eventsOf = (userId: string) =>
  app.database
    .selectFrom("audit_events")
    .select(["type", "actor_id", "details"])
    .where("user_id", "=", userId)
    .where("type", "in", ["SESSION_REVOKED", "ACCESS_TOKEN_REVOKED"])
    .execute();

test("a session token ends with its whole session, cookie included, and is recorded; other sessions live", async () => {
  const alice = await app.createUser({ email: "alice@example.com" });
  const [leaked, safe] = [new Client(app), new Client(app)];
  const { token } = await leaked.logIn(alice);
  await safe.logIn(alice);
  expect((await report(` ${token}\n`)).codes).toEqual([]);

  expect((await leaked.run(PublicDocument)).status).toBe(401);
  leaked.token = null;
  expect((await leaked.run(ViewerDocument)).data).toEqual({ viewer: null });
  expect((await safe.run(ViewerDocument)).data?.viewer).not.toBeNull();
  expect(await eventsOf(alice.id)).toEqual([
    { type: "SESSION_REVOKED", actor_id: null, details: { reason: "LEAKED" } },
  ]);
  const mail = await until(async () => (await readOutbox(app.config.dataDir))[0] ?? null);
  expect([[mail.to].flat()[0]?.text, mail.subject]).toEqual([
    "alice@example.com",
    "One of your tokens was found in public",
  ]);
});

test("an access token ends, and is recorded; the sessions of its owner live", async () => {
  const alice = await app.createUser();
  const browser = new Client(app);
  await browser.logIn(alice);
  const { token, client, id } = await createScript(app, alice, ["profile:read"]);
  expect((await report(token)).codes).toEqual([]);
  expect((await client.run(PublicDocument)).status).toBe(401);
  expect((await browser.run(ViewerDocument)).data?.viewer).not.toBeNull();
  expect(await eventsOf(alice.id)).toEqual([
    { type: "ACCESS_TOKEN_REVOKED", actor_id: null, details: { reason: "LEAKED", accessTokenId: id } },
  ]);
});

test("it is over at once on the server that heard of it, where no notice arrives", async () => {
  const own = await startApp();
  try {
    for (const table of ["sessions", "access_tokens"])
      await sql`alter table ${sql.table(table)} disable trigger user`.execute(own.database);
    const alice = await own.createUser();
    const phone = new Client(own);
    await phone.logIn(alice, "TOKEN");
    const script = await createScript(own, alice, ["profile:read"]);
    for (const { client, token } of [{ client: phone, token: phone.token ?? "" }, script]) {
      expect((await client.run(PublicDocument)).status).toBe(200);
      await new Client(own).run(ReportLeakedTokenDocument, { token });
      expect((await client.run(PublicDocument)).status).toBe(401);
    }
  } finally {
    await own.close();
  }
});

test("a text that is no token costs no query", async () => {
  const query = vi.spyOn(pg.Client.prototype, "query");
  await report("gws_nonsense");
  const texts = query.mock.calls.map(([it]) => String((it as { text?: string }).text ?? it));
  query.mockRestore();
  expect(texts.filter((text) => /sessions|access_tokens/.test(text))).toEqual([]);
});

test("the answer is the same for a live token, one that is over, an unknown one and no token at all", async () => {
  const { token } = await new Client(app).logIn(await app.createUser(), "TOKEN");
  const live = token ?? "";
  const texts = [live, live, makeToken("gws_"), makeToken("gwa_"), "gws_nonsense", "", "x".repeat(10_000)];
  const answers: string[] = [];
  for (const text of texts) answers.push((await report(text)).text);
  expect(new Set(answers).size).toBe(1);
});

test("the expression in SECURITY.md finds every token, and nothing shorter", async () => {
  const page = await readFile(join(import.meta.dirname, "../../../SECURITY.md"), "utf8");
  const [, source = ""] = /```text\n(gw.*)\n```/.exec(page) ?? [];
  const expression = new RegExp(source, "g");
  const tokens = [makeToken("gws_"), makeToken("gwa_")];
  expect(`TOKEN=${tokens.join(" and ")};`.match(expression)).toEqual(tokens);
  expect("gws_0123456789".match(expression)).toBeNull();
});
