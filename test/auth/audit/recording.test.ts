import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { recordEvent } from "../../../src/auth/audit/record.ts";
import { createRefusals } from "../../../src/auth/audit/refusals.ts";
import { networkOf } from "../../../src/auth/viewer/network.ts";
import { AuditEventType } from "../../../src/entities/audit-event-type.ts";
import { Client } from "../../harness/client.ts";
import { graphward } from "../../harness/process.ts";
import { type App, startApp, type User } from "../../harness/server.ts";
import { LogInDocument } from "../../operations/generated/graphql.ts";

let app: App;
beforeAll(async () => {
  app = await startApp({ TRUST_PROXY: "1" });
});
afterAll(() => app.close());

const eventsOf = (userId: string | null) =>
  app.database
    .selectFrom("audit_events")
    .selectAll()
    .where("user_id", userId === null ? "is" : "=", userId)
    .orderBy("id")
    .execute();

const logInFrom = (address: string, username: string, password: string, mode = "TOKEN") =>
  new Client(app).post<{ login: { token: string } | null }>(
    JSON.stringify({
      query:
        "mutation($u: String!, $p: String!, $m: LoginMode!) { login(username: $u, password: $p, mode: $m) { token } }",
      variables: { u: username, p: password, m: mode },
    }),
    { "x-forwarded-for": address, "user-agent": "a test's browser" },
  );

const failuresOf = async (userId: string | null) =>
  (await eventsOf(userId)).filter(({ type }) => type === "LOGIN_FAILED");

/** Records whatever was refused before: nobody waits for it. */
const expectFailures = (userId: string | null, count: number) =>
  expect.poll(async () => (await failuresOf(userId)).length).toBe(count);

const cli = (args: readonly string[], input?: string) =>
  graphward(args, {
    on: app,
    ...(input !== undefined && { input }),
  });

describe("an event is recorded, with whom and from where,", () => {
  test("of a login, with its session", async () => {
    const user = await app.createUser();
    await logInFrom("192.0.2.7", user.username, user.password);
    const session = await app.database
      .selectFrom("sessions")
      .selectAll()
      .where("user_id", "=", user.id)
      .executeTakeFirstOrThrow();
    const event = (await eventsOf(user.id)).at(-1);
    expect(event).toMatchObject({
      type: "LOGIN_SUCCEEDED",
      user_id: user.id,
      actor_id: user.id,
      session_id: session.id,
      ip_address: "192.0.2.7",
      user_agent: "a test's browser",
      details: {},
    });
    expect(Math.abs((event?.at.getTime() ?? 0) - session.created_at.getTime())).toBeLessThan(1000);
  });

  test.each(["SESSION", "TOKEN"] as const)("of a logout with %s", async (mode) => {
    const user = await app.createUser();
    const client = new Client(app);
    await client.logIn(user, mode);
    const [session] = await app.database
      .selectFrom("sessions")
      .select("id")
      .where("user_id", "=", user.id)
      .execute();
    await client.post(JSON.stringify({ query: "mutation { logout { message } }" }), {
      "x-forwarded-for": "2001:db8::7",
    });
    expect((await eventsOf(user.id)).at(-1)).toMatchObject({
      type: "LOGOUT",
      actor_id: user.id,
      session_id: session?.id,
      ip_address: "2001:db8::7",
    });
  });

  test("of a login that fails, without what was typed, and why", async () => {
    const user = await app.createUser();
    const inactive = await app.createUser();
    await app.database.updateTable("users").set({ is_active: false }).where("id", "=", inactive.id).execute();
    for (const it of [user, inactive]) {
      await logInFrom("192.0.2.8", it.username, "the wrong password is secret");
      await expectFailures(it.id, 1);
    }
    expect((await failuresOf(user.id))[0]).toMatchObject({
      actor_id: null,
      session_id: null,
      ip_address: "192.0.2.8",
      user_agent: "a test's browser",
      details: { reason: "WRONG_PASSWORD" },
      personal: null,
    });
    expect((await failuresOf(inactive.id))[0]?.details).toEqual({ reason: "NOT_ALLOWED" });
    await logInFrom("192.0.2.9", "my-password-typed-here", "x".repeat(20));
    await expect
      .poll(async () => (await failuresOf(null)).find((it) => it.ip_address === "192.0.2.9"))
      .toMatchObject({ details: { reason: "NO_ACCOUNT" } });
  });

  test("of a session that another login replaces, and of one that makes room", async () => {
    const user = await app.createUser();
    const client = new Client(app);
    await client.logIn(user, "SESSION");
    await client.logIn(user, "SESSION");
    const replaced = (await eventsOf(user.id)).filter(({ type }) => type === "SESSION_REVOKED");
    expect(replaced).toMatchObject([{ actor_id: null, details: { reason: "REPLACED" } }]);
    await app.database
      .insertInto("sessions")
      .columns(["id", "user_id", "idle_expires_at", "absolute_expires_at"])
      .expression(
        sql`select gen_random_uuid(), ${user.id}::uuid, now() + interval '1 day', now() + interval '1 day' from generate_series(1, 99)`,
      )
      .execute();
    await new Client(app).logIn(user, "TOKEN");
    expect((await eventsOf(user.id)).map(({ details }) => details)).toContainEqual({ reason: "TOO_MANY" });
  });

  test("of user create, user password and session revoke, which no account has done", async () => {
    const created = await cli(
      ["user", "create", "--username", "heidi", "--role", "AUDITOR", "--password-stdin"],
      "a password that is long enough",
    );
    const id = /\((.+)\)/.exec(created.stdout)?.[1] ?? "";
    expect(await eventsOf(id)).toMatchObject([
      { type: "ACCOUNT_CREATED", actor_id: null, details: { via: "cli", roles: ["AUDITOR"] } },
    ]);

    await new Client(app).logIn({ username: "heidi", password: "a password that is long enough" });
    await cli(["session", "revoke", "--user", "heidi"]);
    const revoked = (await eventsOf(id)).slice(1);
    expect(revoked).toMatchObject([
      { type: "LOGIN_SUCCEEDED" },
      { type: "SESSION_REVOKED", actor_id: null, ip_address: null, details: { via: "cli" } },
    ]);
    expect(revoked[1]?.session_id).toBe(revoked[0]?.session_id);

    await new Client(app).logIn({ username: "heidi", password: "a password that is long enough" });
    await cli(["user", "password", "--username", "heidi", "--password-stdin"], "quite another password");
    expect((await eventsOf(id)).slice(-2)).toMatchObject([
      { type: "PASSWORD_CHANGED", details: { via: "cli" } },
      { type: "SESSION_REVOKED", details: { via: "cli", reason: "PASSWORD_CHANGED" } },
    ]);
  });
});

describe("nothing is recorded", () => {
  test("of what was rolled back", async () => {
    const user = await app.createUser();
    const before = await eventsOf(user.id);
    await expect(
      app.database.transaction().execute(async (transaction) => {
        await recordEvent(transaction, {
          type: AuditEventType.ROLES_CHANGED,
          userId: user.id,
          actorId: null,
          client: { ipAddress: null, userAgent: null },
        });
        throw new Error("and back");
      }),
    ).rejects.toThrow("and back");
    expect(await eventsOf(user.id)).toEqual(before);
  });

  test("of a login whose session could not be written", async () => {
    const user = await app.createUser();
    const before = await eventsOf(user.id);
    await sql`alter table sessions add constraint refuse check (user_id <> ${sql.lit(user.id)})`.execute(
      app.database,
    );
    const answer = await logInFrom("192.0.2.10", user.username, user.password);
    await sql`alter table sessions drop constraint refuse`.execute(app.database);
    expect(answer.codes).toEqual(["INTERNAL_SERVER_ERROR"]);
    expect(await eventsOf(user.id)).toEqual(before);
  });

  test("of an account that was not made, a logout that ended nothing, a revocation of no session", async () => {
    const user = await app.createUser();
    const before = await countEvents();
    await expect(app.createUser({ username: user.username })).rejects.toThrow("taken");
    await cli(["session", "revoke", "--user", user.username]);
    expect(await countEvents()).toBe(before);
  });
});

const countEvents = async () => (await app.database.selectFrom("audit_events").select("id").execute()).length;

describe("a flood of failures", () => {
  const failAll = async (user: User, addresses: readonly string[]) => {
    for (const address of addresses) await logInFrom(address, user.username, "not the right password");
  };

  test("is one event an account and network, and a whole /64 is one network", async () => {
    const user = await app.createUser();
    await failAll(user, ["198.51.100.1", "198.51.100.1", "198.51.100.2", "198.51.100.2"]);
    await failAll(user, [
      "2001:db8:0:1::1",
      "2001:db8:0:1:ffff::2",
      "2001:db8:0:1::ffff:3",
      "2001:db8:0:2::1",
    ]);
    await expectFailures(user.id, 4);
    const other = await app.createUser();
    await failAll(other, ["198.51.100.1"]);
    await expectFailures(other.id, 1);
    await expectFailures(user.id, 4);
  });

  test("of names that nobody has is one event a network, however many names", async () => {
    const before = (await failuresOf(null)).length;
    for (let name = 0; name < 5; name += 1)
      await logInFrom("198.51.100.3", `nobody-${name}`, "whatever it may be");
    await expectFailures(null, before + 1);
  });

  test("is one event for two servers, and another in the next window", async () => {
    const user = await app.createUser();
    const event = {
      type: AuditEventType.LOGIN_FAILED,
      userId: user.id,
      actorId: null,
      client: { ipAddress: "198.51.100.4", userAgent: null },
    };
    const recordFromTwoServers = async () => {
      const servers = [1, 2].map(() =>
        createRefusals({
          database: app.database,
          onError: (error) => {
            throw error;
          },
        }),
      );
      for (const server of servers) server.record(event);
      for (const server of servers) server.record(event);
      await Promise.all(servers.map((server) => server.close()));
    };
    await recordFromTwoServers();
    // As it was recorded: an event that may be sealed by now is never changed.
    expect(await failuresOf(user.id)).toMatchObject([{ user_agent: null }]);
    // As if it had been a window ago.
    await app.database
      .updateTable("audit_events")
      .set({ window_key: sql<string>`split_part(window_key, '.', 1) || '.0'` })
      .where("user_id", "=", user.id)
      .where("window_key", "is not", null)
      .execute();
    await recordFromTwoServers();
    expect(await failuresOf(user.id)).toHaveLength(2);
  });

  test("that cannot be recorded is tried again, and fails no login", async () => {
    const user = await app.createUser();
    await sql`alter table audit_events add constraint refuse check (type <> 'LOGIN_FAILED') not valid`.execute(
      app.database,
    );
    const answer = await logInFrom("198.51.100.5", user.username, "not the right password");
    expect(answer.codes).toEqual(["INVALID_CREDENTIALS"]);
    await expect.poll(() => app.log.some((line) => line.includes("failed to record a refusal"))).toBe(true);
    await sql`alter table audit_events drop constraint refuse`.execute(app.database);
    await failAll(user, ["198.51.100.5"]);
    await expectFailures(user.id, 1);
  });
});

test.each([
  [null, ""],
  ["192.0.2.1", "192.0.2.1"],
  ["2001:db8::1", "2001:db8:0:0"],
  ["::1", "0:0:0:0"],
  // As Node writes an IPv4 address in the last 32 bits.
  ["::192.0.2.1", "0:0:0:0"],
  ["2001:0db8:0001:0002:0003:0004:0005:0006", "2001:db8:1:2"],
  ["1:2:3::", "1:2:3:0"],
  ["fe80::1%eth0", "fe80:0:0:0"],
  ["::ffff:192.0.2.1", "0:0:0:0"],
])("%s is in the network %s", (address, network) => {
  expect(networkOf(address)).toBe(network);
});

test("no event holds a secret: no password, no hash, no cookie, no token, no digest", async () => {
  const user = await app.createUser({ password: "canary-password-of-the-audit" });
  const client = new Client(app);
  await client.logIn(user);
  const cookies = [...client.cookies.values()];
  await client.run(LogInDocument, { username: "canary-typed-as-name", password: "canary-wrong-password" });
  await client.run(LogInDocument, { username: user.username, password: "canary-wrong-password" });
  await client.post(JSON.stringify({ query: "mutation { logout { message } }" }));
  await expectFailures(user.id, 1);
  const { password_hash } = await app.database
    .selectFrom("users")
    .select("password_hash")
    .where("id", "=", user.id)
    .executeTakeFirstOrThrow();
  const { rows } = await sql<{ text: string }>`select audit_events::text as text from audit_events`.execute(
    app.database,
  );
  const all = rows.map(({ text }) => text).join("\n");
  for (const secret of ["canary", "gws_", password_hash ?? "-", ...cookies])
    expect(all).not.toContain(secret);
});
