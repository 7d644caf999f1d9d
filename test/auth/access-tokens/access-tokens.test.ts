import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { touchAccessTokens } from "../../../src/auth/access-tokens/rows.ts";
import { makeToken } from "../../../src/auth/secrets/secret.ts";
import { pruneExpired } from "../../../src/jobs/pruning.ts";
import { Client } from "../../harness/client.ts";
import { readOutbox, until } from "../../harness/mail/mail.ts";
import { type App, startApp, type User } from "../../harness/server.ts";
import { createScript, withToken } from "../../harness/sign-in/access-token.ts";
import {
  AccessTokensDocument,
  CreateAccessTokenDocument,
  type CreateAccessTokenInput,
  LogInDocument,
  LogOutDocument,
  PrivateDocument,
  PublicDocument,
  RevokeAccessTokenDocument,
  SessionsDocument,
  ViewerDocument,
} from "../../operations/generated/graphql.ts";

let app: App;
let user: User;
let owner: Client;

beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  user = await app.createUser();
  owner = new Client(app);
  await owner.logIn(user);
});

const create = (input: Partial<CreateAccessTokenInput> = {}, client = owner) =>
  client.run(CreateAccessTokenDocument, { input: { name: "nightly", scopes: ["profile:read"], ...input } });

const rowsOf = (userId: string) =>
  app.database.selectFrom("access_tokens").selectAll().where("user_id", "=", userId).execute();

const eventsOf = (userId: string) =>
  app.database
    .selectFrom("audit_events")
    .selectAll()
    .where("user_id", "=", userId)
    .where("type", "like", "ACCESS_TOKEN%")
    .orderBy("id")
    .execute();

describe("an access token", () => {
  test("is shown once, listed by its hint, and stored as a digest only", async () => {
    const created = (await create({ scopes: ["sessions:read", "profile:read", "profile:read"] })).data
      ?.createAccessToken;
    expect(created?.token).toMatch(/^gwa_[0-9A-Za-z]{49}$/);
    expect(created?.accessToken).toMatchObject({
      name: "nightly",
      hint: `gwa_…${created?.token.slice(-4)}`,
      scopes: ["profile:read", "sessions:read"],
      lastUsedAt: null,
    });
    const inDays = (Date.parse(created?.accessToken.expiresAt ?? "") - Date.now()) / 86_400_000;
    expect(inDays).toBeCloseTo(90, 2);
    await create({ name: "newer", expiresInDays: null });
    const list = await owner.run(AccessTokensDocument);
    expect(list.data?.accessTokens?.map(({ name }) => name)).toEqual(["newer", "nightly"]);
    expect(list.text).not.toContain(created?.token);
    const { rows } = await sql<{ text: string }>`
      select access_tokens::text || (select string_agg(audit_events::text, '') from audit_events)
        || (select string_agg(payload::text, '') from graphward_jobs._private_jobs) as text from access_tokens
      `.execute(app.database);
    expect(JSON.stringify(rows)).not.toContain(created?.token.slice(4, 40));
    expect(app.log.join()).not.toContain(created?.token.slice(4, 40));
  });

  test.each(["Bearer", "Token"])("under the scheme %s is its user, within its scopes", async (scheme) => {
    const { token } = await createScript(app, user, ["profile:read"]);
    const answer = await new Client(app).post('{"query":"{ viewer { username } private { message } }"}', {
      authorization: `${scheme} ${token}`,
    });
    expect(answer.data).toEqual({
      viewer: { username: user.username },
      private: { message: `Hello ${user.username}, this is private!` },
    });
  });

  test("is no session: none of its user's is the current one, and it appears in none", async () => {
    const { client } = await createScript(app, user, ["sessions:read"]);
    const sessions = (await client.run(SessionsDocument)).data?.sessions;
    expect(sessions?.map(({ current }) => current)).toEqual([false, false]);
  });

  test("that is no cookie's value is none: a cookie of it is anonymous", async () => {
    const { token } = await createScript(app, user, ["profile:read"]);
    const client = new Client(app, { cookies: new Map([["graphward", token]]) });
    expect((await client.run(ViewerDocument)).data?.viewer).toBeNull();
  });

  test("decides when a cookie comes too: the cookie widens nothing", async () => {
    const { token } = await createScript(app, user, ["sessions:read"]);
    const both = new Client(app, { cookies: owner.cookies, token });
    expect((await both.run(PrivateDocument)).codes).toEqual(["FORBIDDEN"]);
    expect((await both.run(ViewerDocument)).data?.viewer).toBeNull();
  });

  const endings: Record<string, (id: string) => Promise<unknown>> = {
    "that has expired": (id) =>
      app.database
        .updateTable("access_tokens")
        .set({ expires_at: sql<Date>`now()` })
        .where("id", "=", id)
        .execute(),
    "that was revoked": (id) => owner.run(RevokeAccessTokenDocument, { id }),
    "of a deactivated account": () =>
      app.database.updateTable("users").set({ is_active: false }).where("id", "=", user.id).execute(),
    "of a deleted account": () => app.database.deleteFrom("users").where("id", "=", user.id).execute(),
  };
  test.each(Object.keys(endings))("%s refuses the whole request, open fields too", async (name) => {
    const { client, id } = await createScript(app, user, ["profile:read"]);
    expect((await client.run(PublicDocument)).status).toBe(200);
    await endings[name]?.(id);
    await expect.poll(async () => (await client.run(PublicDocument)).status).toBe(401);
    const refused = await client.run(PublicDocument);
    expect(refused.headers.get("www-authenticate")).toBe('Bearer error="invalid_token"');
    expect(JSON.parse(refused.text)).toEqual({
      errors: [{ message: "Invalid token.", extensions: { code: "UNAUTHENTICATED" } }],
    });
  });

  test("that is unknown, mistyped or under the other prefix refuses the request in the same words", async () => {
    const { token } = await createScript(app, user, ["profile:read"]);
    const mistyped = token.slice(0, -1) + (token.endsWith("a") ? "b" : "a");
    const answers = await Promise.all(
      [
        makeToken("gwa_"),
        mistyped,
        token.replace("gwa_", "gws_"),
        "gwa_",
        owner.token?.replace("gws_", "gwa_"),
      ].map((it) => withToken(app, it ?? "").run(PublicDocument)),
    );
    for (const { status, text } of answers) expect([status, text]).toEqual([401, answers[0]?.text]);
  });

  test("tells when it was last used, once a minute at most", async () => {
    const { client, id } = await createScript(app, user, ["profile:read"]);
    const read = async () => (await rowsOf(user.id)).find((row) => row.id === id)?.last_used_at ?? null;
    expect(await read()).toBeNull();
    await client.run(PrivateDocument);
    const first = await until(read);
    const use = async (secondsAgo: number) => {
      const moved = new Date(Date.now() - secondsAgo * 1000);
      await app.database
        .updateTable("access_tokens")
        .set({ last_used_at: moved })
        .where("id", "=", id)
        .execute();
      // A look-up of its own: what is in memory knows when it was last used.
      const cold = await startApp({ DATABASE_URL: app.config.databaseUrl ?? "", VIEWER_CACHE: "off" });
      await withToken(cold, client.token ?? "").run(PrivateDocument);
      await cold.close();
      return { moved, now: await read() };
    };
    expect(Date.now() - first.getTime()).toBeLessThan(30_000);
    const soon = await use(50);
    expect(soon.now).toEqual(soon.moved);
    // Nor when another server, which knew no better, writes it down.
    await touchAccessTokens(app.database, [id]);
    expect(await read()).toEqual(soon.moved);
    const late = await use(61);
    expect(late.now?.getTime()).toBeGreaterThan(late.moved.getTime() + 50_000);
  }, 60_000);

  test("may be one of fifty that live, also of those made at the same moment", async () => {
    await app.database
      .insertInto("access_tokens")
      .columns(["id", "user_id", "name", "digest", "hint", "scopes", "expires_at"])
      .expression(
        sql`select gen_random_uuid(), ${user.id}::uuid, 'n', sha256(n::text::bytea || ${user.id}::text::bytea), '', '{}',
            now() + n * interval '1 day' - interval '2 hours' from generate_series(0, 47) n`,
      )
      .execute();
    const answers = await Promise.all(Array.from({ length: 6 }, () => create()));
    expect(answers.filter(({ codes }) => codes.length === 0)).toHaveLength(3);
    const refused = answers.find(({ codes }) => codes.length > 0);
    expect(refused?.errors[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      fields: [{ field: "name", rule: "max_items" }],
    });
  });

  test("is deleted when it has expired, and no other with it", async () => {
    const { id } = await createScript(app, user, ["profile:read"]);
    await create();
    await app.database
      .updateTable("access_tokens")
      .set({ expires_at: new Date(0) })
      .where("id", "=", id)
      .execute();
    expect((await owner.run(AccessTokensDocument)).data?.accessTokens).toHaveLength(1);
    expect((await pruneExpired(app.database)).accessTokens).toBeGreaterThanOrEqual(1);
    expect((await rowsOf(user.id)).map((row) => row.id)).not.toContain(id);
    expect(await rowsOf(user.id)).toHaveLength(1);
  });
});

describe("making one", () => {
  const wrong: readonly (readonly [string, Partial<CreateAccessTokenInput>, string, string])[] = [
    ["no name", { name: " " }, "name", "required"],
    ["a name of 101 characters", { name: "é".repeat(101) }, "name", "max_length"],
    ["a name with a line break", { name: "a\nb" }, "name", "characters"],
    ["a name that reorders what is shown", { name: "a\u202Eb" }, "name", "characters"],
    ["a name with half a character", { name: "a\uD800" }, "input.name", "well_formed"],
    ["no scope", { scopes: [] }, "scopes", "required"],
    ["a scope that no field asks for", { scopes: ["profile:read", "profile:erase"] }, "scopes", "known"],
    ["a permission for a scope", { scopes: ["audit:read"] }, "scopes", "known"],
    ["no day", { expiresInDays: 0 }, "expiresInDays", "range"],
    ["more than a year", { expiresInDays: 366 }, "expiresInDays", "range"],
  ];
  test.each(wrong)("with %s is BAD_USER_INPUT, and makes nothing", async (_name, input, field, rule) => {
    const answer = await create(input);
    expect(answer.errors[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", fields: [{ field, rule }] });
    expect(await rowsOf(user.id)).toEqual([]);
  });

  test("takes a name of a hundred characters, and 1 and 365 days", async () => {
    for (const expiresInDays of [1, 365])
      expect((await create({ name: "😀".repeat(100), expiresInDays })).codes).toEqual([]);
  });

  test("needs a login of the last ten minutes, of this very session", async () => {
    const age = (minutes: number) =>
      app.database
        .updateTable("sessions")
        .set({ authenticated_at: sql<Date>`now() - ${minutes} * interval '1 minute'` })
        .where("user_id", "=", user.id)
        .execute();
    await age(9.9);
    expect((await create()).codes).toEqual([]);
    await age(10);
    await new Client(app).logIn(user);
    const refused = await create();
    expect([refused.status, refused.codes, refused.errors[0]?.message]).toEqual([
      200,
      ["REAUTHENTICATION_REQUIRED"],
      "Please log in again to do this.",
    ]);
    expect(await rowsOf(user.id)).toHaveLength(1);
  });

  test("tells its owner by mail, and is recorded with who, from where and which scopes", async () => {
    user = await app.createUser({ email: "carol@example.com" });
    await owner.logIn(user);
    const { data } = await create({ name: "carol's backup" });
    const mail = await until(async () =>
      (await readOutbox(app.config.dataDir)).find(({ text }) => text?.includes("carol's backup")),
    );
    expect(mail.subject).toBe("An access token was created");
    const [session] = await app.database
      .selectFrom("sessions")
      .select("id")
      .where("user_id", "=", user.id)
      .execute();
    expect(await eventsOf(user.id)).toMatchObject([
      {
        type: "ACCESS_TOKEN_CREATED",
        actor_id: user.id,
        session_id: session?.id,
        ip_address: "127.0.0.1",
        details: { accessTokenId: data?.createAccessToken?.accessToken.id, scopes: ["profile:read"] },
        personal: { name: "carol's backup" },
      },
    ]);
  });

  test("leaves no token behind when its mail cannot be written", async () => {
    await sql`alter function graphward_jobs.add_job rename to add_job_gone`.execute(app.database);
    expect((await create()).codes).toEqual(["INTERNAL_SERVER_ERROR"]);
    await sql`alter function graphward_jobs.add_job_gone rename to add_job`.execute(app.database);
    expect([await rowsOf(user.id), await eventsOf(user.id)]).toEqual([[], []]);
  });
});

describe("revoking one", () => {
  test("is its owner's to do: another's, an unknown and a malformed id are not found", async () => {
    const { id, client } = await createScript(app, await app.createUser(), ["profile:read"]);
    for (const asked of [id, "01a20a74-3799-72b9-aebe-5351f4839174", "1", "x'", ""]) {
      const answer = await owner.run(RevokeAccessTokenDocument, { id: asked });
      expect([answer.status, answer.codes]).toEqual([200, ["NOT_FOUND"]]);
    }
    expect((await client.run(PrivateDocument)).codes).toEqual([]);
  });

  test("answers a message, and is recorded with the token's name as a personal value", async () => {
    const { id } = await createScript(app, user, ["profile:read"], "alice's");
    expect((await owner.run(RevokeAccessTokenDocument, { id: id.toUpperCase() })).data).toEqual({
      revokeAccessToken: { message: "Access token revoked." },
    });
    expect((await eventsOf(user.id)).at(-1)).toMatchObject({
      type: "ACCESS_TOKEN_REVOKED",
      actor_id: user.id,
      details: { accessTokenId: id },
      personal: { name: "alice's" },
    });
    expect((await owner.run(RevokeAccessTokenDocument, { id })).codes).toEqual(["NOT_FOUND"]);
  });

  test("by logout ends the token, and the session of the cookie that came along", async () => {
    const { token, id, client } = await createScript(app, user, ["sessions:read"]);
    const { client: other } = await createScript(app, user, ["profile:read"]);
    const browser = new Client(app, { cookies: owner.cookies, token });
    const copy = new Client(app, { cookies: owner.cookies });
    expect((await browser.run(LogOutDocument)).data?.logout?.message).toBe("Logged out successfully.");
    expect(browser.cookies.size).toBe(0);
    expect((await client.run(PublicDocument)).status).toBe(401);
    expect((await copy.run(PrivateDocument)).codes).toEqual(["UNAUTHENTICATED"]);
    expect((await other.run(PrivateDocument)).codes).toEqual([]);
    expect((await eventsOf(user.id)).at(-1)).toMatchObject({
      type: "ACCESS_TOKEN_REVOKED",
      actor_id: user.id,
      details: { accessTokenId: id, reason: "LOGOUT" },
    });
  });

  test("by logout without a cookie ends the token alone", async () => {
    const { client } = await createScript(app, user, ["sessions:read"]);
    await client.run(LogOutDocument);
    expect((await client.run(PublicDocument)).status).toBe(401);
    expect((await owner.run(PrivateDocument)).codes).toEqual([]);
  });
});

test("a login beside an access token is the login's own: it is open to everybody", async () => {
  const { client } = await createScript(app, user, ["sessions:read"]);
  const other = await app.createUser();
  const answer = await client.run(LogInDocument, { ...other, mode: "TOKEN" });
  expect(answer.data?.login?.user?.username).toBe(other.username);
});
