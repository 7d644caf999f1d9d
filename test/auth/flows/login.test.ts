import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client } from "../../harness/client.ts";
import { untilBlocked } from "../../harness/database/database-locks.ts";
import { type App, startApp, type User } from "../../harness/server.ts";
import {
  LogInDocument,
  LogOutDocument,
  PrivateDocument,
  SessionsDocument,
  ViewerDocument,
} from "../../operations/generated/graphql.ts";

let app: App;
let alice: User;

beforeAll(async () => {
  app = await startApp();
  alice = await app.createUser({ username: "Alice", email: "Alice@Example.com" });
});
afterAll(() => app.close());

describe("a login", () => {
  test("answers with token, user id and e-mail address, and sets an HttpOnly, Lax, host-only cookie", async () => {
    const answer = await new Client(app).run(LogInDocument, alice);
    expect(answer.status).toBe(200);
    expect(answer.data?.login).toMatchObject({
      userId: alice.id,
      email: "Alice@Example.com",
      user: { username: "Alice" },
    });
    expect(answer.data?.login?.token).toMatch(/^gws_[0-9A-Za-z]{49}$/);
    // Programs in between that keep one cookie keep the first.
    const [cookie = "", device = "", ...others] = answer.headers.getSetCookie();
    expect(others).toEqual([]);
    expect(device).toMatch(/^graphward-device=[\w-]{12}\.[\w-]{22}\.[\w-]{43};/);
    expect(cookie).toMatch(/^graphward=/);
    expect(
      cookie
        .split("; ")
        .slice(1)
        .map((part) => part.split("=")[0]),
    ).toEqual(["Path", "Expires", "HttpOnly", "SameSite"]);
    expect(cookie).toContain("SameSite=Lax");
  });

  test("takes the username and the e-mail address in any case", async () => {
    for (const username of ["alice", "ALICE", "alice@example.com", "ALICE@EXAMPLE.COM"])
      expect((await new Client(app).run(LogInDocument, { ...alice, username })).data?.login?.userId).toBe(
        alice.id,
      );
  });

  test("opens private fields with the cookie alone, and with the token alone", async () => {
    const client = new Client(app);
    await client.logIn(alice);
    const withCookie = new Client(app, { cookies: client.cookies });
    const withToken = new Client(app, { token: client.token });
    for (const half of [withCookie, withToken])
      expect((await half.run(PrivateDocument)).data?.private?.message).toBe("Hello Alice, this is private!");
  });

  test("gives the credentials that the mode names, and no others", async () => {
    const both = new Client(app);
    expect((await both.logIn(alice)).token).not.toBeNull();
    expect(both.cookies.size).toBe(1);
    const browser = new Client(app);
    expect((await browser.logIn(alice, "SESSION")).token).toBeNull();
    expect(browser.cookies.size).toBe(1);
    const mobile = new Client(app);
    expect((await mobile.logIn(alice, "TOKEN")).token).not.toBeNull();
    expect(mobile.cookies.size).toBe(0);
  });

  test("makes one row with two different digests, and stores neither secret", async () => {
    const user = await app.createUser();
    const client = new Client(app);
    await client.logIn(user);
    const rows = await app.database
      .selectFrom("sessions")
      .selectAll()
      .where("user_id", "=", user.id)
      .execute();
    expect(rows).toHaveLength(1);
    const [row] = rows;
    expect(row?.cookie_digest).toHaveLength(32);
    expect(row?.token_digest).toHaveLength(32);
    expect(row?.cookie_digest).not.toEqual(row?.token_digest);
    const id = decodeURIComponent(client.cookies.get("graphward") ?? "").slice(2, 45);
    const stored = JSON.stringify(row);
    expect(id).toMatch(/^\w{43}$/);
    expect(stored).not.toContain(id);
    expect(stored).not.toContain(client.token);
  });

  test("replaces the session id that came with it, and ends that session with both its credentials", async () => {
    const client = new Client(app);
    await client.logIn(alice);
    const planted = new Map(client.cookies);
    const firstToken = client.token;
    client.token = null;
    await client.logIn(alice);
    expect(client.cookies.get("graphward")).not.toBe(planted.get("graphward"));
    expect((await new Client(app, { cookies: planted }).run(ViewerDocument)).data?.viewer).toBeNull();
    expect((await new Client(app, { token: firstToken }).run(ViewerDocument)).status).toBe(401);
  });

  test("leaves the cookie alone in mode TOKEN", async () => {
    const client = new Client(app);
    await client.logIn(alice, "SESSION");
    const before = client.cookies.get("graphward");
    await client.logIn(alice, "TOKEN");
    client.token = null;
    expect(client.cookies.get("graphward")).toBe(before);
    expect((await client.run(PrivateDocument)).codes).toEqual([]);
  });

  test("never gives a user the token of an earlier login", async () => {
    const tokens = new Set<string | null>();
    for (let count = 0; count < 3; count += 1) tokens.add((await new Client(app).logIn(alice)).token ?? null);
    expect(tokens.size).toBe(3);
  });

  test("gives secrets that fill their length: fewer random bits would show as zeros in front", async () => {
    const client = new Client(app);
    await client.logIn(alice);
    expect(client.token).not.toMatch(/^gws_0{5}/);
    expect(client.cookies.get("graphward")).not.toMatch(/^s%3A0{5}/);
  });

  test("writes down when it happened", async () => {
    const user = await app.createUser();
    const client = new Client(app);
    await client.logIn(user);
    const { data } = await client.run(ViewerDocument);
    expect(Math.abs(Date.parse(data?.viewer?.lastLoginAt ?? "") - Date.now())).toBeLessThan(60_000);
  });

  test("lives 14 days idle and 90 in all with a cookie only, 30 and 180 with a token", async () => {
    const lives = async (mode: "SESSION" | "TOKEN" | "SESSION_AND_TOKEN") => {
      const user = await app.createUser();
      await new Client(app).logIn(user, mode);
      const row = await app.database
        .selectFrom("sessions")
        .selectAll()
        .where("user_id", "=", user.id)
        .executeTakeFirstOrThrow();
      const inDays = (date: Date) => (date.getTime() - row.created_at.getTime()) / 86_400_000;
      return [inDays(row.idle_expires_at), inDays(row.absolute_expires_at)];
    };
    expect(await lives("SESSION")).toEqual([14, 90]);
    expect(await lives("TOKEN")).toEqual([30, 180]);
    expect(await lives("SESSION_AND_TOKEN")).toEqual([30, 180]);
  });

  test("keeps the hundred sessions of a user that were used last", async () => {
    const user = await app.createUser();
    const first = new Client(app);
    await first.logIn(user, "TOKEN");
    await app.database
      .insertInto("sessions")
      .values(
        Array.from({ length: 99 }, (_, index) => ({
          id: `00000000-0000-7000-8000-${String(index).padStart(12, "0")}`,
          user_id: user.id,
          token_digest: randomBytes(32),
          idle_expires_at: new Date(Date.now() + 86_400_000),
          absolute_expires_at: new Date(Date.now() + 86_400_000),
          last_used_at: new Date(Date.now() - 86_400_000),
        })),
      )
      .execute();
    await new Client(app).logIn(user, "TOKEN");
    const { count } = await app.database
      .selectFrom("sessions")
      .select(({ fn }) => fn.countAll<string>().as("count"))
      .where("user_id", "=", user.id)
      .executeTakeFirstOrThrow();
    expect(count).toBe("100");
    expect((await first.run(PrivateDocument)).codes).toEqual([]);
  });

  const changes = {
    // As every change of the password does.
    "the password changes": { password_hash: "another hash", device_generation: 1 },
    "the account is deactivated": { is_active: false },
  };
  test.each(Object.entries(changes))(
    "fails when %s while it is computed, and leaves neither row nor cookie",
    async (_name, change) => {
      const user = await app.createUser();
      const { login } = await app.database.transaction().execute(async (transaction) => {
        await transaction.updateTable("users").set(change).where("id", "=", user.id).execute();
        // It still reads the old row, and waits for ours when it begins the session.
        const login = new Client(app).run(LogInDocument, user);
        await untilBlocked(app);
        return { login };
      });
      const { codes, headers } = await login;
      expect([codes, headers.getSetCookie()]).toEqual([["INVALID_CREDENTIALS"], []]);
      expect(
        await app.database.selectFrom("sessions").select("id").where("user_id", "=", user.id).execute(),
      ).toEqual([]);
    },
  );
});

describe("a logout", () => {
  test.each(["cookie", "token"] as const)("with the %s ends both credentials and says so", async (half) => {
    const client = new Client(app);
    await client.logIn(alice);
    const { cookies, token } = client;
    const captured = new Map(cookies);
    const caller = half === "cookie" ? new Client(app, { cookies }) : new Client(app, { token });
    const answer = await caller.run(LogOutDocument);
    expect(answer.data?.logout?.message).toBe("Logged out successfully.");
    expect((await new Client(app, { cookies: captured }).run(PrivateDocument)).codes).toEqual([
      "UNAUTHENTICATED",
    ]);
    expect((await new Client(app, { token }).run(PrivateDocument)).status).toBe(401);
  });

  test("clears the cookie", async () => {
    const client = new Client(app);
    await client.logIn(alice, "SESSION");
    const answer = await client.run(LogOutDocument);
    expect(answer.headers.getSetCookie()).toEqual(["graphward=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"]);
    expect(client.cookies.size).toBe(0);
  });

  test("without a cookie sends none", async () => {
    const client = new Client(app);
    await client.logIn(alice, "TOKEN");
    expect((await client.run(LogOutDocument)).headers.getSetCookie()).toEqual([]);
  });

  test("with a token and another session's cookie ends both sessions", async () => {
    const browser = new Client(app);
    await browser.logIn(alice, "SESSION");
    const captured = new Map(browser.cookies);
    await browser.logIn(alice, "TOKEN");
    await browser.run(LogOutDocument);
    expect((await new Client(app, { cookies: captured }).run(ViewerDocument)).data?.viewer).toBeNull();
    expect((await browser.run(ViewerDocument)).status).toBe(401);
  });

  test("leaves the user's other devices logged in", async () => {
    const laptop = new Client(app);
    const phone = new Client(app);
    await laptop.logIn(alice);
    await phone.logIn(alice);
    await laptop.run(LogOutDocument);
    expect((await phone.run(PrivateDocument)).codes).toEqual([]);
  });

  test("is private", async () => {
    expect((await new Client(app).run(LogOutDocument)).codes).toEqual(["UNAUTHENTICATED"]);
  });
});

test("a session keeps the first 512 characters of its user agent", async () => {
  const { id, username, password } = await app.createUser();
  const query = `mutation { login(username: "${username}", password: "${password}") { userId } }`;
  await new Client(app).post(JSON.stringify({ query }), { "user-agent": "x".repeat(1000) });
  expect(
    await app.database.selectFrom("sessions").select("user_agent").where("user_id", "=", id).execute(),
  ).toEqual([{ user_agent: "x".repeat(512) }]);
});

test("sessions lists the viewer's own devices, newest first, and marks the one that asks", async () => {
  const user = await app.createUser();
  const laptop = new Client(app);
  const phone = new Client(app);
  await laptop.logIn(user, "SESSION");
  await phone.logIn(user, "TOKEN");
  await new Client(app).logIn(alice);
  const { data } = await laptop.run(SessionsDocument);
  expect(data?.sessions).toMatchObject([
    { current: false, hasCookie: false, hasToken: true, ipAddress: "127.0.0.1" },
    { current: true, hasCookie: true, hasToken: false },
  ]);
  await app.database
    .updateTable("sessions")
    .set({ idle_expires_at: new Date(0) })
    .where("user_id", "=", user.id)
    .where("token_digest", "is not", null)
    .execute();
  expect((await laptop.run(SessionsDocument)).data?.sessions).toMatchObject([{ current: true }]);
});
