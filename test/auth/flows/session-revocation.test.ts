import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { endEverySession, endSessionsOfUser } from "../../../src/auth/sessions/ends.ts";
import { defaultLifetimes } from "../../../src/auth/sessions/lifetimes.ts";
import { touchSessions } from "../../../src/auth/sessions/rows.ts";
import { noClient } from "../../../src/auth/viewer/client.ts";
import { AuditEventType } from "../../../src/entities/audit-event-type.ts";
import { Client, logInAs } from "../../harness/client.ts";
import { untilBlocked } from "../../harness/database/database-locks.ts";
import { type App, startTwoServers, type User } from "../../harness/server.ts";
import { createScript } from "../../harness/sign-in/access-token.ts";
import {
  DevicesDocument,
  LogOutEverywhereDocument,
  PrivateDocument,
  RevokeOtherSessionsDocument,
  RevokeSessionDocument,
} from "../../operations/generated/graphql.ts";

let app: App;
/** On the same database. */
let there: App;
let user: User;
beforeAll(async () => {
  ({ here: app, there } = await startTwoServers());
});
afterAll(() => app.close());
beforeEach(async () => {
  user = await app.createUser();
});

type Mode = "SESSION" | "TOKEN" | "SESSION_AND_TOKEN";
const loggedIn = (mode: Mode = "SESSION_AND_TOKEN", as = user) => logInAs(app, as, mode);
/** Either half of what a client holds now, for when it holds it no more. */
const halvesOf = ({ token, cookies }: Client) => [new Client(app, { token }), new Client(app, { cookies })];
const works = async (client: Client) => (await client.run(PrivateDocument)).codes.length === 0;
const devicesOf = async (client: Client) => (await client.run(DevicesDocument)).data?.sessions ?? [];
const currentOf = async (client: Client) =>
  (await devicesOf(client)).find(({ current }) => current)?.id ?? "";
const rowsOf = (userId: string) =>
  app.database.selectFrom("sessions").select("id").where("user_id", "=", userId).execute();
const eventsOf = (userId: string) =>
  app.database
    .selectFrom("audit_events")
    .select(["type", "actor_id", "session_id", "details"])
    .where("user_id", "=", userId)
    .where("type", "in", ["LOGOUT", "SESSION_REVOKED"])
    .orderBy("id")
    .execute();

describe("a device is called", () => {
  const nameOf = async (userAgent: string) => {
    const client = await loggedIn("TOKEN");
    // By hand: no client of HTTP sends some of these.
    await app.database
      .updateTable("sessions")
      .set({ user_agent: userAgent })
      .where("user_id", "=", user.id)
      .execute();
    const answer = await client.run(DevicesDocument);
    expect([answer.status, answer.codes]).toEqual([200, []]);
    return answer.data?.sessions?.[0]?.device ?? null;
  };
  const webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";

  test.each([
    [
      "Firefox on Windows",
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0",
    ],
    [
      "Chrome on Android",
      `Mozilla/5.0 (Linux; Android 14; Pixel 8) ${webkit} Chrome/130.0.0.0 Mobile Safari/537.36`,
    ],
    [
      "Safari on iOS",
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
    ],
    [
      "Microsoft Edge on Windows",
      `Mozilla/5.0 (Windows NT 10.0) ${webkit} Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0`,
    ],
    [
      "Samsung Internet for Android",
      `Mozilla/5.0 (Linux; Android 13) ${webkit} SamsungBrowser/23.0 Chrome/115.0 Safari/537.36`,
    ],
    ["Windows", "Mozilla/5.0 (Windows NT 10.0)"],
    ["MyApp on iOS", "MyApp/1.2 (iPhone; iOS 17.0; Scale/3.00)"],
    ["My App", "My%20App/1 CFNetwork/1490.0.4 Darwin/23.2.0"],
    ["okhttp", "okhttp/4.12.0"],
    ["curl", "curl/8.5.0"],
    ["node", "node"],
  ])("%s", async (name, userAgent) => {
    expect(await nameOf(userAgent)).toBe(name);
  });

  test.each([
    ["nothing", ""],
    ["a browser that says no more", "Mozilla/5.0"],
    ["an address, which mail programs would make a link", "login.example.com/1.0"],
    ["an address behind a browser's first word", "Mozilla/5.0 login.example.com/ (x)"],
    ["markup", "<b>Notes</b>/1"],
    ["an override of direction", "\u202exofeeriF/1"],
    ["letters that are no ASCII", "Firef\u043ex/1"],
    ["two lines", "Notes\r\nBcc: everybody/1"],
    ["control characters", "\u0007\u001b[2J/1"],
    ["a property of every object", "__proto__/1 (x)"],
    ["ten thousand letters", "x".repeat(10_240)],
    ["ten thousand digits", "1".repeat(10_240)],
    ["what a careless expression goes back over", `Mozilla/5.0 (${"version/1.".repeat(1024)}`],
    ["ten thousand slashes", "/".repeat(10_240)],
  ])("nothing when it says %s", async (_what, userAgent) => {
    expect(await nameOf(userAgent)).toBeNull();
  });

  test.each(["constructor/1 (x)", "toString", "hasOwnProperty/1"])(
    "by its own word, whatever it is: %s",
    async (text) => {
      expect(await nameOf(text)).toBe(/^\w+/.exec(text)?.[0]);
    },
  );

  test("what the login's request said", async () => {
    const client = new Client(app);
    const { username, password } = user;
    const query = `mutation { login(username: "${username}", password: "${password}") { token } }`;
    await client.post(JSON.stringify({ query }), { "user-agent": "Notes/3 (iPad)" });
    expect(await devicesOf(client)).toMatchObject([{ device: "Notes on iOS", current: true }]);
  });
});

describe("revokeSession", () => {
  const revoke = (client: Client, id: string) => client.run(RevokeSessionDocument, { id });

  test("ends both halves of the one that is named, at once, and no other", async () => {
    const [laptop, phone, tablet] = [await loggedIn(), await loggedIn(), await loggedIn()];
    const id = await currentOf(phone);
    const answer = await revoke(laptop, id);
    expect(answer.data?.revokeSession?.message).toBe("Session revoked.");
    expect(answer.headers.getSetCookie()).toEqual([]);
    const halves = [...halvesOf(phone), ...halvesOf(laptop), ...halvesOf(tablet)];
    expect(await Promise.all(halves.map(works))).toEqual([false, false, true, true, true, true]);
    expect(await eventsOf(user.id)).toEqual([
      { type: "SESSION_REVOKED", actor_id: user.id, session_id: id, details: {} },
    ]);
  });

  test("holds on every other server", async () => {
    const [laptop, phone] = [await loggedIn(), await loggedIn()];
    const elsewhere = new Client(there, { token: phone.token });
    expect(await works(elsewhere)).toBe(true);
    await revoke(laptop, await currentOf(phone));
    await expect.poll(() => works(elsewhere)).toBe(false);
  });

  test("answers alike for what is somebody else's, made up, ended before, or no id at all", async () => {
    const client = await loggedIn();
    const stranger = await loggedIn("TOKEN", await app.createUser({ roles: ["ADMIN"] }));
    const ended = await currentOf(await loggedIn());
    expect((await revoke(client, ended)).codes).toEqual([]);
    const ids = [
      await currentOf(stranger),
      ended,
      "01a20a74-3799-72b9-aebe-5351f4839174",
      "",
      "1",
      "'",
      "{}",
    ];
    const answers = await Promise.all([...ids, "0".repeat(10_000)].map((id) => revoke(client, id)));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers[0]?.codes).toEqual(["NOT_FOUND"]);
    expect([await works(client), await works(stranger)]).toEqual([true, true]);
  });

  test.each(["SESSION", "TOKEN", "SESSION_AND_TOKEN"] as const)(
    "of the one that asks (%s) is a logout: the cookie is cleared, what was captured is worthless",
    async (mode) => {
      const client = await loggedIn(mode);
      const captured = halvesOf(client);
      const id = await currentOf(client);
      const answer = await revoke(client, id.toUpperCase());
      expect(answer.codes).toEqual([]);
      expect(answer.headers.getSetCookie()).toHaveLength(mode === "TOKEN" ? 0 : 1);
      expect(client.cookies.size).toBe(0);
      expect(await Promise.all(captured.map(works))).toEqual([false, false]);
      expect(await eventsOf(user.id)).toMatchObject([{ type: "LOGOUT", session_id: id }]);
    },
  );

  test("by token leaves the cookie of a session that goes on, and clears that of one that it ends", async () => {
    const browser = await loggedIn("SESSION");
    const cookieSession = await currentOf(browser);
    await browser.logIn(user, "TOKEN");
    const ended = await currentOf(browser);
    expect((await revoke(browser, ended)).headers.getSetCookie()).toEqual([]);
    browser.token = null;
    expect(await works(browser)).toBe(true);
    await browser.logIn(user, "TOKEN");
    expect((await revoke(browser, cookieSession)).headers.getSetCookie()).toHaveLength(1);
    expect(await works(browser)).toBe(true);
  });

  test("of one session by twenty at once is done once, and not found by the others", async () => {
    const [laptop, phone] = [await loggedIn(), await loggedIn()];
    const id = await currentOf(phone);
    const answers = await Promise.all(Array.from({ length: 20 }, () => revoke(laptop, id)));
    const outcomes = answers.map(({ codes }) => codes[0] ?? "revoked").sort();
    expect(outcomes).toEqual([...Array(19).fill("NOT_FOUND"), "revoked"]);
    expect(await eventsOf(user.id)).toHaveLength(1);
  });

  test("is not undone by a request of that session that ends later", async () => {
    const [laptop, phone] = [await loggedIn("TOKEN"), await loggedIn("TOKEN")];
    const id = await currentOf(phone);
    // A use that is due to be written down, on a server that does not know the viewer yet.
    await app.database
      .updateTable("sessions")
      .set({ last_used_at: new Date(0) })
      .where("id", "=", id)
      .execute();
    const elsewhere = new Client(there, { token: phone.token });
    const { slow, revoked } = await app.database.transaction().execute(async (transaction) => {
      await transaction.selectFrom("sessions").select("id").where("id", "=", id).forUpdate().execute();
      const slow = elsewhere.run(PrivateDocument);
      await untilBlocked(app, 1);
      const revoked = revoke(laptop, id);
      await untilBlocked(app, 2);
      return { slow, revoked };
    });
    expect((await revoked).codes).toEqual([]);
    await slow;
    expect([await works(phone), await works(elsewhere)]).toEqual([false, false]);
    expect((await rowsOf(user.id)).map((row) => row.id)).not.toContain(id);
  });
});

describe("revokeOtherSessions", () => {
  test("ends all but the one that asks, counts them, and leaves other users alone", async () => {
    const stranger = await loggedIn("TOKEN", await app.createUser());
    const others = [await loggedIn("SESSION"), await loggedIn("TOKEN"), await loggedIn()];
    const client = await loggedIn();
    const answer = await client.run(RevokeOtherSessionsDocument);
    expect(answer.data?.revokeOtherSessions).toEqual({ message: "Other sessions revoked.", count: 3 });
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await Promise.all(others.map(works))).toEqual([false, false, false]);
    expect(await Promise.all([...halvesOf(client), stranger].map(works))).toEqual([true, true, true]);
    expect((await client.run(RevokeOtherSessionsDocument)).data?.revokeOtherSessions?.count).toBe(0);
    expect(await eventsOf(user.id)).toHaveLength(3);
  });

  test("by token clears the cookie of a session that it has ended", async () => {
    const browser = await loggedIn("SESSION");
    await browser.logIn(user, "TOKEN");
    expect((await browser.run(RevokeOtherSessionsDocument)).headers.getSetCookie()).toHaveLength(1);
    expect(browser.cookies.size).toBe(0);
    expect(await works(browser)).toBe(true);
  });
});

describe("logoutEverywhere", () => {
  test("ends every session, the caller's too, and clears the cookie; access tokens and other users go on", async () => {
    const stranger = await loggedIn("TOKEN", await app.createUser());
    const script = await createScript(app, user, ["profile:read"]);
    const clients = [await loggedIn(), await loggedIn("SESSION"), await loggedIn("TOKEN")];
    const halves = clients.flatMap(halvesOf);
    const answer = await clients[0]?.run(LogOutEverywhereDocument);
    expect(answer?.data?.logoutEverywhere?.message).toBe("Logged out everywhere.");
    expect(clients[0]?.cookies.size).toBe(0);
    expect(await Promise.all(halves.map(works))).toEqual(halves.map(() => false));
    expect(await rowsOf(user.id)).toEqual([]);
    expect(await Promise.all([script.client, stranger].map(works))).toEqual([true, true]);
    for (const event of await eventsOf(user.id))
      expect(event).toMatchObject({ actor_id: user.id, details: { reason: "LOGOUT_EVERYWHERE" } });
  });

  test("by token ends the session of a cookie that came too, whoever's it is, as logout does", async () => {
    const other = await app.createUser();
    const browser = await loggedIn("SESSION", other);
    const [, captured] = halvesOf(browser);
    await browser.logIn(user, "TOKEN");
    await browser.run(LogOutEverywhereDocument);
    expect(browser.cookies.size).toBe(0);
    expect(captured && (await works(captured))).toBe(false);
    expect(await rowsOf(other.id)).toEqual([]);
  });
});

test("none of them needs a recent login: a stranger's device can be ended at once", async () => {
  for (const name of ["revokeSession", "revokeOtherSessions", "logoutEverywhere"]) {
    const client = await loggedIn();
    const field = name === "revokeSession" ? `${name}(id: "${await currentOf(await loggedIn())}")` : name;
    await app.database
      .updateTable("sessions")
      .set({ authenticated_at: new Date(0) })
      .where("user_id", "=", user.id)
      .execute();
    expect((await client.run(`mutation { ${field} { message } }`)).codes).toEqual([]);
  }
});

test("none of them is open", async () => {
  for (const field of ['revokeSession(id: "1")', "revokeOtherSessions", "logoutEverywhere"])
    expect((await new Client(app).run(`mutation { ${field} { message } }`)).codes).toEqual([
      "UNAUTHENTICATED",
    ]);
});

test("devices that end each other at the same moment wait for each other, and none fails", async () => {
  for (let round = 0; round < 5; round += 1) {
    const clients = await Promise.all(Array.from({ length: 8 }, () => loggedIn("TOKEN")));
    const ids = await Promise.all(clients.map(currentOf));
    const answers = await Promise.all(
      clients.flatMap((client, index) => [
        client.run(RevokeOtherSessionsDocument),
        client.run(RevokeSessionDocument, { id: ids[(index + 1) % ids.length] ?? "" }),
        client.run(LogOutEverywhereDocument),
      ]),
    );
    const codes = new Set(answers.flatMap((answer) => answer.codes));
    for (const code of codes) expect(["UNAUTHENTICATED", "NOT_FOUND"]).toContain(code);
    expect(await rowsOf(user.id)).toEqual([]);
  }
});

test("uses that are written down while sessions end are waited for, and nothing deadlocks", async () => {
  const ending = { type: AuditEventType.SESSION_REVOKED, actorId: user.id, client: noClient } as const;
  for (let round = 0; round < 20; round += 1) {
    // In the table in another order than by id.
    const rows = await app.database
      .insertInto("sessions")
      .columns(["id", "user_id", "last_used_at", "idle_expires_at", "absolute_expires_at"])
      .expression(
        sql`select gen_random_uuid(), ${user.id}::uuid, now() - interval '1 hour', now() + interval '1 day', now() + interval '1 day' from generate_series(1, 400)`,
      )
      .returning("id")
      .execute();
    const ids = rows.map(({ id }) => id);
    const [first = "", last = ""] = [ids[0], ids.at(-1)];
    await Promise.all([
      touchSessions(app.database, ids, defaultLifetimes),
      endSessionsOfUser(app.database, { userId: user.id, keptSessionId: first }, ending),
      endSessionsOfUser(app.database, { userId: user.id, keptSessionId: last }, ending),
      endEverySession(app.database, { userId: user.id, cookieSecret: null }, ending),
    ]);
    expect(await rowsOf(user.id)).toEqual([]);
  }
});
