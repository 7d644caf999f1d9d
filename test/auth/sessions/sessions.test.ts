import { randomBytes } from "node:crypto";
import argon2 from "argon2";
import { sql } from "kysely";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type Answer, Client, logInAs, wholeOf } from "../../harness/client.ts";
import { untilBlocked } from "../../harness/database/database-locks.ts";
import { type App, startTwoServers, type User } from "../../harness/server.ts";
import { createScript } from "../../harness/sign-in/access-token.ts";
import {
  ChangePasswordDocument,
  LogInDocument,
  LogOutDocument,
  LogOutEverywhereDocument,
  PrivateDocument,
  PublicDocument,
  ReauthenticateDocument,
  RegisterDocument,
  RequestPasswordResetDocument,
  ResetPasswordDocument,
  SessionsDocument,
  ViewerDocument,
} from "../../operations/generated/graphql.ts";

let app: App;
/** On the same database; it remembers no viewer. */
let there: App;
beforeAll(async () => {
  ({ here: app, there } = await startTwoServers({}, { VIEWER_CACHE: "off" }));
});
afterAll(() => app.close());
afterEach(() => {
  vi.useRealTimers();
});

const name = () => `person-${randomBytes(6).toString("hex")}`;
const isViewer = async (client: Client) => Boolean((await client.run(ViewerDocument)).data?.viewer);
const sessionsOf = ({ id }: User) =>
  app.database.selectFrom("sessions").select("id").where("user_id", "=", id).execute();
/** Both wait for the user's sessions, which the first gets before the second. */
const inTurn = async <First, Second>(
  { id }: Pick<User, "id">,
  first: () => Promise<First>,
  second: () => Promise<Second>,
): Promise<[First, Second]> => {
  const begun = await app.database.transaction().execute(async (transaction) => {
    const rows = transaction.selectFrom("sessions").select("id").where("user_id", "=", id);
    await rows.forUpdate().execute();
    const one = first();
    await untilBlocked(app, 1);
    const other = second();
    await untilBlocked(app, 2);
    return { both: Promise.all([one, other]) };
  });
  return begun.both;
};
const countRows = async () => (await app.database.selectFrom("sessions").select("id").execute()).length;

test("no session cookie and no row comes before a login: not of a visit, a failed login, a registration or a link", async () => {
  const user = await app.createUser();
  const before = await countRows();
  const person = { username: name(), email: `${name()}@example.org`, password: "a quiet tram at dawn" };
  const token = "A".repeat(43);
  const client = new Client(app);
  // Whatever cookie comes along: nobody plants a session by sending one.
  client.cookies.set("graphward", `s%3A${"A".repeat(43)}.${"B".repeat(43)}`);
  const answers = [
    await client.run(PublicDocument),
    await client.run(ViewerDocument),
    await client.run(PrivateDocument),
    await client.run(LogInDocument, { ...user, password: "not the right password" }),
    await client.run(LogInDocument, { ...user, username: "nobody-of-this-name" }),
    await client.run(RegisterDocument, { input: person }),
    await client.run(RequestPasswordResetDocument, { email: person.email }),
    await client.run(ResetPasswordDocument, { token, newPassword: person.password }),
    await client.send({ method: "GET", path: "?query={__typename}" }),
    await client.send({ method: "GET", headers: { accept: "text/html" } }),
  ];
  expect(answers.flatMap(({ headers }) => headers.getSetCookie())).toEqual([]);
  expect(await countRows()).toBe(before);
});

describe("what was captured before a logout is worthless after it, also when a slow request of that session ends later:", () => {
  test.each(["cookie", "token"] as const)("the %s", async (half) => {
    const user = await app.createUser();
    const client = new Client(app);
    await client.logIn(user);
    const parts: Partial<Pick<Client, "cookies" | "token">> =
      half === "cookie" ? { cookies: client.cookies } : { token: client.token };
    const slowClient = new Client(there, parts);
    // A use that is due to be written down, by a server that must ask the database.
    await app.database
      .updateTable("sessions")
      .set({ last_used_at: new Date(0) })
      .where("user_id", "=", user.id)
      .execute();
    const [slow, ended] = await inTurn(
      user,
      () => slowClient.run(PrivateDocument),
      () => new Client(app, parts).run(LogOutDocument),
    );
    expect(ended.codes).toEqual([]);
    expect(slow.headers.getSetCookie()).toEqual([]);
    for (const server of [app, there]) expect(await isViewer(new Client(server, parts))).toBe(false);
    const rows = app.database.selectFrom("sessions").select("id").where("user_id", "=", user.id);
    expect(await rows.execute()).toEqual([]);
  });

  const renewals: Record<
    "reauthenticate" | "changePassword",
    (client: Client, user: User) => Promise<Answer<unknown>>
  > = {
    reauthenticate: (client, { password }) => client.run(ReauthenticateDocument, { password }),
    changePassword: (client, { password }) =>
      client.run(ChangePasswordDocument, {
        currentPassword: password,
        newPassword: "seven herons on the weir",
      }),
  };

  describe.each(["reauthenticate", "changePassword"] as const)("%s begins nothing anew", (renewal) => {
    test.each(["SESSION", "TOKEN"] as const)("after a logout, and the password stays (%s)", async (mode) => {
      const user = await app.createUser();
      const client = await logInAs(app, user, mode);
      const captured = new Client(there, { cookies: client.cookies, token: client.token });
      const { slow, ended } = await app.database.transaction().execute(async (transaction) => {
        await transaction.selectFrom("users").select("id").where("id", "=", user.id).forUpdate().execute();
        // The password was right: it waits to write.
        const slow = renewals[renewal](captured, user);
        await untilBlocked(app, 1);
        return { slow, ended: await client.run(LogOutDocument) };
      });
      expect(ended.codes).toEqual([]);
      const { codes, headers } = await slow;
      expect([codes, headers.getSetCookie()]).toEqual([["UNAUTHENTICATED"], []]);
      expect(await sessionsOf(user)).toEqual([]);
      expect((await new Client(app).run(LogInDocument, user)).codes).toEqual([]);
    });

    test.each(["SESSION", "TOKEN"] as const)(
      "before a logout at the same moment: what it got ends too (%s)",
      async (mode) => {
        const user = await app.createUser();
        const client = await logInAs(app, user, mode);
        const captured = new Client(app, { cookies: client.cookies, token: client.token });
        const [, ended] = await inTurn(
          user,
          () => renewals[renewal](client, user),
          () => captured.run(LogOutDocument),
        );
        expect(ended.codes).toEqual([]);
        expect(await sessionsOf(user)).toEqual([]);
      },
    );

    test("before the end of every session at the same moment: what it got ends too", async () => {
      const user = await app.createUser();
      const [client, other] = [await logInAs(app, user, "TOKEN"), await logInAs(there, user, "TOKEN")];
      await inTurn(
        user,
        () => renewals[renewal](client, user),
        () => other.run(LogOutEverywhereDocument),
      );
      expect(await sessionsOf(user)).toEqual([]);
    });
  });
});

test("of two requests that prove the password under one secret, one gets the new secret", async () => {
  const user = await app.createUser();
  const client = await logInAs(app, user, "TOKEN");
  const again = () => client.run(ReauthenticateDocument, { password: user.password });
  const answers = await Promise.all([again(), again()]);
  expect(answers.map(({ codes }) => codes[0] ?? "renewed").sort()).toEqual(["UNAUTHENTICATED", "renewed"]);
});

describe("one clock decides when a session ends, the database's:", () => {
  const loggedIn = async () => {
    const user = await app.createUser();
    const client = new Client(app);
    await client.logIn(user);
    return { user, client, cold: new Client(there, { token: client.token }) };
  };

  test("a server whose clock is years ahead or behind keeps every session that lives", async () => {
    const { client, cold } = await loggedIn();
    for (const year of [1999, 2099]) {
      vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(year, 0) });
      expect([await isViewer(client), await isViewer(cold)]).toEqual([true, true]);
    }
  });

  test.each(["idle_expires_at", "absolute_expires_at"] as const)(
    "a server whose clock is years behind opens no session whose %s has passed",
    async (column) => {
      const { user, cold } = await loggedIn();
      await app.database
        .updateTable("sessions")
        .set({ [column]: sql<Date>`now()` })
        .where("user_id", "=", user.id)
        .execute();
      vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(1999, 0) });
      expect(await isViewer(cold)).toBe(false);
    },
  );

  test.each(["idle_expires_at", "absolute_expires_at"] as const)(
    "what is remembered ends with %s too, counted down by a clock that nobody can set",
    async (column) => {
      const { user, client } = await loggedIn();
      await app.database
        .updateTable("sessions")
        .set({ [column]: sql<Date>`now() + interval '1 second'` })
        .where("user_id", "=", user.id)
        .execute();
      vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(1999, 0) });
      await expect.poll(() => isViewer(client)).toBe(false);
    },
  );
});

describe("each credential opens what it is for, and nothing else:", () => {
  test("a token in the URL, in the body or in a cookie of any name is nobody's", async () => {
    const user = await app.createUser();
    const { token } = await new Client(app).logIn(user, "TOKEN");
    const query = "{viewer{id}}";
    for (const parameter of ["token", "access_token", "authorization"]) {
      const path = `?query=${query}&${parameter}=${token}`;
      const byUrl = await new Client(app).send<{ viewer: unknown }>({ method: "GET", path });
      expect([byUrl.status, byUrl.data?.viewer]).toEqual([200, null]);
      const byBody = await new Client(app).post<{ viewer: unknown }>(
        JSON.stringify({ query, [parameter]: token }),
      );
      expect(byBody.data?.viewer ?? null).toBeNull();
      const cookies = new Map([[parameter, token ?? ""]]);
      expect(await isViewer(new Client(app, { cookies }))).toBe(false);
    }
    expect(await isViewer(new Client(app, { token }))).toBe(true);
  });

  test("a session id is no token, and a token is no session cookie, signed or not", async () => {
    const client = new Client(app);
    await client.logIn(await app.createUser());
    const cookie = client.cookies.get("graphward") ?? "";
    const id = decodeURIComponent(cookie).slice(2, 45);
    for (const token of [id, `gws_${id}`, encodeURIComponent(cookie)])
      expect((await new Client(app, { token }).run(PublicDocument)).status).toBe(401);
    const { sign } = await import("cookie-signature");
    const signed = `s:${sign(client.token ?? "", app.config.sessionSecrets[0] ?? "")}`;
    for (const value of [client.token ?? "", encodeURIComponent(signed)]) {
      const cookies = new Map([["graphward", value]]);
      expect(await isViewer(new Client(app, { cookies }))).toBe(false);
    }
    // The row has both, so that only the columns keep them apart.
    expect(await isViewer(client)).toBe(true);
  });

  test("an access token is no session: not in the list, not as a cookie, and nothing that asks for one takes it", async () => {
    const user = await app.createUser();
    const { token, client } = await createScript(app, user, ["sessions:read", "profile:read"]);
    const { sign } = await import("cookie-signature");
    const signed = encodeURIComponent(`s:${sign(token, app.config.sessionSecrets[0] ?? "")}`);
    const cookies = new Map([["graphward", signed]]);
    expect(await isViewer(new Client(app, { cookies }))).toBe(false);
    const { data } = await client.run(SessionsDocument);
    expect(data?.sessions?.map(({ current }) => current)).toEqual([false]);
    for (const document of [
      "mutation { revokeOtherSessions { message } }",
      'mutation { reauthenticate(password: "correct horse battery staple") { token } }',
    ])
      expect((await client.run(document)).codes).toEqual(["FORBIDDEN"]);
    expect(await isViewer(client)).toBe(true);
  });
});

describe("unknown user, wrong password, deactivated user, user without password:", () => {
  test("one answer, and the same number of hashes and statements", async () => {
    const [right, deactivated, passwordless] = [
      await app.createUser({ email: `${name()}@example.org` }),
      await app.createUser({ email: `${name()}@example.org` }),
      await app.createUser({ email: `${name()}@example.org` }),
    ];
    const change = (id: string) => app.database.updateTable("users").where("id", "=", id);
    await change(deactivated.id).set({ is_active: false }).execute();
    await change(passwordless.id).set({ password_hash: null }).execute();
    const wrong = "not the right password";
    const cases = {
      "wrong password": { username: right.username, password: wrong },
      "unknown user": { username: "nobody-of-this-name", password: right.password },
      deactivated: { username: deactivated.username, password: deactivated.password },
      passwordless: { username: passwordless.username, password: passwordless.password },
      "wrong password, by address": { username: right.email ?? "", password: wrong },
      "unknown address": { username: "nobody@example.org", password: right.password },
      "deactivated, by address": { username: deactivated.email ?? "", password: deactivated.password },
      "passwordless, by address": { username: passwordless.email ?? "", password: passwordless.password },
    };
    const hashes = vi.spyOn(argon2, "verify");
    const queries = vi.spyOn(pg.Client.prototype, "query");
    // Whoever sends many cookies could tell by the time whether they were read once more for an account.
    const cookies = new Map([["junk", "%41"]]);
    const decodings = vi.spyOn(globalThis, "decodeURIComponent");
    const seen = [];
    for (const [what, { username, password }] of Object.entries(cases)) {
      hashes.mockClear();
      queries.mockClear();
      decodings.mockClear();
      const answer = await new Client(app, { cookies }).run(LogInDocument, { username, password });
      const decoded = decodings.mock.calls.filter(([text]) => text === "%41").length;
      const statements = queries.mock.calls
        .map(([it]) => String((it as { text?: string }).text ?? it))
        // Not what runs beside every request: beats of the listener, jobs, and refusals, which are written down later.
        .filter((text) => /"users"|rate_limits/.test(text) && !text.includes("for key share"))
        // A name is looked up in one column, and an address in another.
        .map((text) => text.replace(/(from "graphward"\."users") where .*/s, "$1"));
      const costs = hashes.mock.calls.map(([hash]) => /m=\d+.*?\$/.exec(hash)?.[0].split(/[,$]/).sort());
      seen.push({ what, answer: wholeOf(answer), costs, statements, decoded });
    }
    decodings.mockRestore();
    hashes.mockRestore();
    queries.mockRestore();
    const [first] = seen;
    expect(first?.answer.text).toContain("INVALID_CREDENTIALS");
    expect(first?.costs).toHaveLength(1);
    expect(first?.statements).not.toEqual([]);
    expect(first?.decoded).toBeGreaterThan(0);
    for (const it of seen) expect(it).toEqual({ ...first, what: it.what });
  });
});
