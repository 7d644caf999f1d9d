import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery } from "graphql";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { scopesOf } from "../../../src/auth/access/permissions.ts";
import { originOf } from "../../../src/auth/audit/record.ts";
import { requireRecentLogin } from "../../../src/auth/sessions/recent-login.ts";
import { noClient } from "../../../src/auth/viewer/client.ts";
import { type PersonalViewer, requirePersonal, type Viewer } from "../../../src/auth/viewer/viewer.ts";
import { buildGuardedSchema } from "../../../src/schema/build.ts";
import { Client, logInAs } from "../../harness/client.ts";
import { countBlocked } from "../../harness/database/database-locks.ts";
import { messagesTo } from "../../harness/mail/inbox.ts";
import { jobsOf, readOutbox, until } from "../../harness/mail/mail.ts";
import { rootFieldsOf } from "../../harness/root-fields.ts";
import { type App, openDefaultApplication, startTwoServers, type User } from "../../harness/server.ts";
import { createScript, withToken } from "../../harness/sign-in/access-token.ts";
import {
  AuditEventsDocument,
  ChangePasswordDocument,
  ExportMyDataDocument,
  ImpersonateDocument,
  LogInDocument,
  LogOutDocument,
  PrivateDocument,
  RevokeSessionDocument,
  SessionsWithImpersonatorsDocument,
  StopImpersonatingDocument,
  WhoActsDocument,
} from "../../operations/generated/graphql.ts";

const { schema, rules } = buildGuardedSchema();

// Two servers on one database: what ends an impersonation ends it on both.
let app: App;
let there: App;
let support: User;
let actor: Client;
let user: User;
beforeAll(async () => {
  ({ here: app, there } = await startTwoServers());
  await app.database
    .insertInto("roles")
    .values([
      { name: "SUPPORT", permissions: ["audit:read", "users:impersonate"] },
      { name: "AUDITOR", permissions: ["audit:read"] },
      { name: "LIBRARIAN", permissions: ["notes:count"] },
    ])
    .execute();
});
afterAll(() => app.close());
beforeEach(async () => {
  support = await app.createUser({ roles: ["SUPPORT"] });
  user = await app.createUser({ roles: ["AUDITOR"] });
  actor = await logIn(support);
});

const logIn = (someone: User) => logInAs(app, someone, "SESSION_AND_TOKEN");

const begin = async (as: Client = actor, target: User = user): Promise<string> => {
  const answer = await as.run(ImpersonateDocument, { userId: target.id });
  const token = answer.data?.impersonate?.token;
  if (!token) throw new Error(`No impersonation began: ${answer.text}`);
  return token;
};

/** By the token alone, on either server. */
const works = async (token: string) => {
  const answers = [app, there].map((server) => withToken(server, token).run(PrivateDocument));
  const statuses = (await Promise.all(answers)).map(({ status }) => status);
  expect(new Set(statuses).size).toBe(1);
  return statuses[0] === 200;
};

const viewerOf = async (client: Client) => (await client.run(WhoActsDocument)).data?.viewer;

const sessionsOf = (someone: User) =>
  app.database.selectFrom("sessions").selectAll().where("user_id", "=", someone.id).orderBy("id").execute();

const eventsOf = async (someone: User) => {
  const events = await app.database
    .selectFrom("audit_events")
    .selectAll()
    .where("user_id", "=", someone.id)
    .orderBy("id")
    .execute();
  return events.filter(({ type }) => !["ACCOUNT_CREATED", "LOGIN_SUCCEEDED"].includes(type));
};

describe("impersonate", () => {
  test("gives a token that acts as the user, with the user's permissions only, and leaves the actor who they are", async () => {
    const answer = await actor.run(ImpersonateDocument, { userId: user.id });
    const { token = "" } = answer.data?.impersonate ?? {};
    expect(answer.data?.impersonate?.user).toEqual({
      id: user.id,
      username: user.username,
      impersonatedBy: null,
    });
    expect(answer.headers.getSetCookie()).toEqual([]);

    const acting = { id: user.id, permissions: ["audit:read"], impersonatedBy: support.id };
    expect(await viewerOf(withToken(app, token))).toEqual(acting);
    // The browser sends the actor's cookie along: the token decides.
    expect(await viewerOf(new Client(app, { token, cookies: actor.cookies }))).toEqual(acting);
    const own = { id: support.id, permissions: ["audit:read", "users:impersonate"], impersonatedBy: null };
    expect(await viewerOf(actor)).toEqual(own);
    expect(await viewerOf(new Client(app, { cookies: actor.cookies }))).toEqual(own);
    expect(await viewerOf(await logIn(user))).toEqual({ ...acting, impersonatedBy: null });
  });

  test("gives no permission of an administrator's", async () => {
    const plain = await app.createUser();
    const administrator = await logIn(await app.createUser({ roles: ["ADMIN"] }));
    const token = await begin(administrator, plain);
    expect((await viewerOf(withToken(app, token)))?.permissions).toEqual([]);
    expect((await withToken(app, token).run(ImpersonateDocument, { userId: user.id })).codes).toEqual([
      "FORBIDDEN",
    ]);
  });

  test.each<[who: string, actor: () => Promise<Client>, target: () => Promise<string>, code: string]>([
    ["an anonymous caller", async () => new Client(app), async () => user.id, "UNAUTHENTICATED"],
    ["whoever has no permission", () => logIn(user), async () => support.id, "FORBIDDEN"],
    [
      "an access token with every scope",
      async () =>
        (await createScript(app, await app.createUser({ roles: ["ADMIN"] }), scopesOf(schema))).client,
      async () => user.id,
      "FORBIDDEN",
    ],
    [
      "whoever acts as somebody who could",
      async () => {
        const administrator = await logIn(await app.createUser({ roles: ["ADMIN"] }));
        return withToken(app, await begin(administrator, support));
      },
      async () => user.id,
      "FORBIDDEN",
    ],
    ["an id that nobody has", async () => actor, async () => crypto.randomUUID(), "NOT_FOUND"],
    ["an id that is none", async () => actor, async () => "1", "NOT_FOUND"],
    ["oneself", async () => actor, async () => support.id.toUpperCase(), "FORBIDDEN"],
    [
      "somebody deactivated",
      async () => actor,
      async () => {
        await app.database.updateTable("users").set({ is_active: false }).where("id", "=", user.id).execute();
        return user.id;
      },
      "FORBIDDEN",
    ],
    [
      "an administrator",
      async () => actor,
      async () => (await app.createUser({ roles: ["ADMIN"] })).id,
      "FORBIDDEN",
    ],
    [
      "somebody who may do what the actor may not",
      async () => actor,
      async () => (await app.createUser({ roles: ["LIBRARIAN"] })).id,
      "FORBIDDEN",
    ],
    [
      "a login that is ten minutes old",
      async () => {
        await app.database
          .updateTable("sessions")
          .set({ authenticated_at: sql<Date>`now() - interval '10 minutes'` })
          .where("user_id", "=", support.id)
          .execute();
        return actor;
      },
      async () => user.id,
      "REAUTHENTICATION_REQUIRED",
    ],
  ])("is refused, and makes nothing: %s", async (_who, makeActor, makeTarget, code) => {
    const [client, userId] = [await makeActor(), await makeTarget()];
    const before = await app.database.selectFrom("sessions").select("id").orderBy("id").execute();
    expect((await client.run(ImpersonateDocument, { userId })).codes).toEqual([code]);
    expect(await app.database.selectFrom("sessions").select("id").orderBy("id").execute()).toEqual(before);
  });

  test.each([
    [
      "the user's deactivation",
      "FORBIDDEN",
      () => app.database.updateTable("users").set({ is_active: false }).where("id", "=", user.id),
    ],
    [
      "the actor's logout",
      "UNAUTHENTICATED",
      () => app.database.deleteFrom("sessions").where("user_id", "=", support.id),
    ],
  ])("is refused when %s, begun before, ends after", async (_what, code, change) => {
    let answer: ReturnType<typeof actor.run> | undefined;
    await app.database.transaction().execute(async (transaction) => {
      await transaction.executeQuery(change().compile());
      let isAnswered = false;
      answer = actor.run(ImpersonateDocument, { userId: user.id }).finally(() => {
        isAnswered = true;
      });
      await until(async () => isAnswered || (await countBlocked(app)) > 0);
    });
    expect((await answer)?.codes).toEqual([code]);
    expect(await sessionsOf(user)).toEqual([]);
  });

  test("is for an hour, which no use prolongs, and never for longer than the actor's session", async () => {
    const token = await begin();
    const minutesLeft = async () => {
      const [row] = await sessionsOf(user);
      expect(row?.idle_expires_at).toEqual(row?.absolute_expires_at);
      return ((row?.absolute_expires_at.getTime() ?? 0) - Date.now()) / 60_000;
    };
    expect(await minutesLeft()).toBeGreaterThan(58);
    expect(await minutesLeft()).toBeLessThanOrEqual(60);
    await app.database
      .updateTable("sessions")
      .set({ last_used_at: sql<Date>`now() - interval '2 minutes'` })
      .where("user_id", "=", user.id)
      .execute();
    expect(await works(token)).toBe(true);
    expect(Date.now() - ((await sessionsOf(user))[0]?.last_used_at.getTime() ?? 0)).toBeLessThan(60_000);
    expect(await minutesLeft()).toBeLessThanOrEqual(60);

    await app.database
      .updateTable("sessions")
      .set({ absolute_expires_at: sql<Date>`now()` })
      .where("user_id", "=", user.id)
      .execute();
    expect(await works(token)).toBe(false);

    await app.database
      .updateTable("sessions")
      .set({ absolute_expires_at: sql<Date>`now() + interval '5 minutes'` })
      .where("user_id", "=", support.id)
      .execute();
    await begin();
    expect(await minutesLeft()).toBeLessThanOrEqual(5);
  });

  test("ends what the same session has begun before; of two at the same moment one is left", async () => {
    const other = await app.createUser();
    const [first, second] = [await begin(actor, user), await begin(actor, other)];
    expect([await works(first), await works(second)]).toEqual([false, true]);
    const tokens = await Promise.all([begin(actor, user), begin(actor, other)]);
    const outcomes = await Promise.all(tokens.map(works));
    expect(outcomes.sort()).toEqual([false, true]);
    // Another login of theirs is another matter.
    const elsewhere = await begin(await logIn(support), user);
    expect([await works(elsewhere), (await Promise.all(tokens.map(works))).includes(true)]).toEqual([
      true,
      true,
    ]);
  });

  test("changes nothing of the user: neither the last login, nor which of a hundred sessions are there", async () => {
    const own = await logIn(user);
    await app.database
      .insertInto("sessions")
      .columns(["id", "user_id", "idle_expires_at", "absolute_expires_at", "last_used_at"])
      .expression(
        sql`select gen_random_uuid(), ${user.id}::uuid, now() + interval '1 day', now() + interval '1 day', now() - interval '1 day' from generate_series(1, 98)`,
      )
      .execute();
    const lastLogin = () =>
      app.database.selectFrom("users").select("last_login_at").where("id", "=", user.id).execute();
    const before = await lastLogin();
    const tokens = [await begin(actor), await begin(await logIn(support)), await begin(await logIn(support))];
    expect(await lastLogin()).toEqual(before);
    await logIn(user);
    expect(await sessionsOf(user)).toHaveLength(100 + tokens.length);
    await logIn(user);
    const left = await sessionsOf(user);
    expect(left.filter((row) => row.actor_session_id === null)).toHaveLength(100);
    expect(await Promise.all(tokens.map(works))).toEqual([true, true, true]);
    expect((await own.run(PrivateDocument)).codes).toEqual([]);
  });

  test("tells the user by mail, at an address that is proven, by the list of sessions and in an export, which have no device of the actor's", async () => {
    const email = `${user.username}@example.org`;
    const unproven = await app.createUser({ email: `unproven-${email}` });
    const proven = await app.createUser({ email });
    await app.database
      .updateTable("users")
      .set({ email_verified_at: null })
      .where("id", "=", unproven.id)
      .execute();
    await begin(actor, unproven);
    await begin(actor, proven);
    const outbox = async () => [
      ...(await readOutbox(app.config.dataDir)),
      ...(await readOutbox(there.config.dataDir)),
    ];
    const message = await until(async () => messagesTo(await outbox(), email)[0]);
    expect(message.subject).toBe("An administrator acted as you");
    expect(message.text).toContain(support.username);
    await until(async () => (await jobsOf(app.database)).length === 0);
    expect(messagesTo(await outbox(), unproven.email ?? "")).toEqual([]);

    const [own, session] =
      (await (await logIn(proven)).run(SessionsWithImpersonatorsDocument)).data?.sessions ?? [];
    expect(own).toMatchObject({ current: true, impersonatedBy: null, ipAddress: "127.0.0.1" });
    expect(session).toMatchObject({
      current: false,
      impersonatedBy: support.id,
      ipAddress: null,
      userAgent: null,
      hasCookie: false,
      hasToken: true,
    });

    const exported = (await (await logIn(proven)).run(ExportMyDataDocument)).data?.exportMyData?.data;
    expect(exported?.sessions).toContainEqual(
      expect.objectContaining({ impersonatedBy: support.id, ipAddress: null, userAgent: null }),
    );
  });
});

describe("an impersonation ends", () => {
  test("by stopImpersonating, with its token or with the session that began it, which goes on", async () => {
    for (const stop of [(token: string) => withToken(app, token), () => actor]) {
      const token = await begin();
      const message = { stopImpersonating: { message: "The impersonation has ended." } };
      expect((await stop(token).run(StopImpersonatingDocument)).data).toEqual(message);
      expect([await works(token), (await actor.run(PrivateDocument)).status]).toEqual([false, 200]);
    }
    const own = await logIn(user);
    const token = await begin();
    expect((await own.run(StopImpersonatingDocument)).codes).toEqual([]);
    expect([await works(token), (await own.run(PrivateDocument)).status]).toEqual([true, 200]);
  });

  test("by a logout with its token; a cookie that comes along ends too, as with every logout", async () => {
    const token = await begin();
    await withToken(app, token).run(LogOutDocument);
    expect([await works(token), (await actor.run(PrivateDocument)).status]).toEqual([false, 200]);

    const browser = new Client(app, { token: await begin(), cookies: actor.cookies });
    await browser.run(LogOutDocument);
    expect(browser.cookies.size).toBe(0);
    expect((await actor.run(PrivateDocument)).status).toBe(401);
  });

  const change = (someone: () => User, set: object) => () =>
    app.database.updateTable("users").set(set).where("id", "=", someone().id).execute();
  test.each<[how: string, end: () => Promise<unknown>]>([
    ["the actor's logout", () => actor.run(LogOutDocument)],
    [
      "the actor's new password",
      () =>
        actor.run(ChangePasswordDocument, {
          currentPassword: support.password,
          newPassword: "seven herons on the weir",
        }),
    ],
    [
      "the end of the actor's session, by hand",
      () => app.database.deleteFrom("sessions").where("user_id", "=", support.id).execute(),
    ],
    [
      "the actor's session having expired",
      () =>
        app.database
          .updateTable("sessions")
          .set({ idle_expires_at: sql<Date>`now()` })
          .where("user_id", "=", support.id)
          .execute(),
    ],
    ["the actor's deactivation", change(() => support, { is_active: false })],
    ["the actor's deletion", () => app.database.deleteFrom("users").where("id", "=", support.id).execute()],
    ["another role of the actor's", change(() => support, { roles: ["AUDITOR"] })],
    ["more that the user may do", change(() => user, { roles: ["AUDITOR", "LIBRARIAN"] })],
    ["the user having become an administrator", change(() => user, { roles: ["ADMIN"] })],
    ["the user's deactivation", change(() => user, { is_active: false })],
    [
      "the user ending the session",
      () => app.database.deleteFrom("sessions").where("user_id", "=", user.id).execute(),
    ],
  ])("at the next request on every server, by %s", async (_how, end) => {
    const token = await begin();
    expect(await works(token)).toBe(true);
    await end();
    expect(await works(token)).toBe(false);
  });

  test("with the permission: taken from the actor's role, or given to the user's", async () => {
    const token = await begin();
    const role = (name: string, permissions: string[]) =>
      app.database.updateTable("roles").set({ permissions }).where("name", "=", name).execute();
    for (const [name, before, after] of [
      ["SUPPORT", ["audit:read", "users:impersonate"], ["audit:read"]],
      ["AUDITOR", ["audit:read"], ["audit:read", "notes:count"]],
    ] as const) {
      expect(await works(token)).toBe(true);
      await role(name, [...after]);
      expect(await works(token)).toBe(false);
      await role(name, [...before]);
    }
  });
});

describe("in the audit trail", () => {
  const beginning = { type: "IMPERSONATION_STARTED", details: { expiresAt: expect.any(String) } };

  test.each<[how: string, end: (token: string) => Promise<unknown>, details: object]>([
    ["stopImpersonating", (token) => withToken(app, token).run(StopImpersonatingDocument), {}],
    ["logout", (token) => withToken(app, token).run(LogOutDocument), {}],
    ["the actor's stopImpersonating", () => actor.run(StopImpersonatingDocument), {}],
    ["the actor's logout", () => actor.run(LogOutDocument), {}],
    ["the next one", () => begin(actor), {}],
    [
      "the actor's new password",
      () =>
        actor.run(ChangePasswordDocument, {
          currentPassword: support.password,
          newPassword: "seven herons on the weir",
        }),
      { reason: "PASSWORD_CHANGED" },
    ],
  ])("the beginning and the end by %s name both, and the session", async (_how, end, details) => {
    const token = await begin();
    const [session] = await sessionsOf(user);
    await end(token);
    const both = { user_id: user.id, actor_id: support.id, session_id: session?.id, ip_address: "127.0.0.1" };
    expect((await eventsOf(user)).slice(0, 2)).toMatchObject([
      { ...both, ...beginning },
      { ...both, type: "IMPERSONATION_STOPPED", details },
    ]);
  });

  test("an end by the user's new password is the user's doing, and the only one of that session", async () => {
    await begin();
    const own = await logIn(user);
    await logIn(user);
    await own.run(ChangePasswordDocument, {
      currentPassword: user.password,
      newPassword: "seven herons on the weir",
    });
    const ends = (await eventsOf(user)).filter(({ type }) => /STOPPED|REVOKED/.test(type));
    expect(ends.map(({ type, actor_id }) => [type, actor_id])).toEqual([
      ["SESSION_REVOKED", user.id],
      ["IMPERSONATION_STOPPED", user.id],
    ]);
  });

  test("an end by the user, who finds it among the sessions, is the user's doing", async () => {
    const token = await begin();
    const [session] = await sessionsOf(user);
    await (await logIn(user)).run(RevokeSessionDocument, { id: session?.id ?? "" });
    expect(await works(token)).toBe(false);
    expect((await eventsOf(user)).at(-1)).toMatchObject({
      type: "IMPERSONATION_STOPPED",
      actor_id: user.id,
      session_id: session?.id,
    });
  });

  test("the user sees that it was, and by whom, but not from where", async () => {
    const plain = await app.createUser();
    await begin(actor, plain);
    const { data } = await (await logIn(plain)).run(AuditEventsDocument, { type: "IMPERSONATION_STARTED" });
    expect(data?.auditEvents?.nodes).toMatchObject([
      { userId: plain.id, actorId: support.id, ipAddress: null, userAgent: null },
    ]);
  });

  test("what is done while acting has the actor as its author; the request's line in the log has both", async () => {
    const acting = { userId: "user", sessionId: "session", impersonatorId: "actor" };
    expect(originOf({ client: noClient }, acting)).toMatchObject({ actorId: "actor", sessionId: "session" });
    expect(originOf({ client: noClient }, { ...acting, impersonatorId: null }).actorId).toBe("user");

    const { headers } = await withToken(app, await begin()).run(PrivateDocument);
    const id = headers.get("x-request-id") ?? "";
    const line = await until(() => app.log.find((it) => it.includes(id)));
    expect(JSON.parse(line)).toMatchObject({ userId: user.id, actorId: support.id });
  });
});

describe("while acting as another user", () => {
  test("what can be used is on the list, and nothing that touches credentials, names or sessions", () => {
    expect(rules.impersonable).toEqual(
      new Set([
        "Mutation.logout",
        "Mutation.stopImpersonating",
        "Query.node",
        "Query.nodes",
        "Query.private",
        "Query.sessions",
        "Query.viewer",
        "Subscription.sessionsChanged",
      ]),
    );
  });

  /** Twice: by Apollo, and by the short way that a known document takes. */
  const codesOf = async (makeClient: () => Promise<Client>, document: string) => {
    const first = await (await makeClient()).run(document);
    const second = await (await makeClient()).run(document);
    expect([first.status, second.status, second.codes]).toEqual([200, 200, first.codes]);
    return first.codes;
  };

  test.each(rootFieldsOf(schema).map(({ coordinate, document }) => [coordinate, document]))(
    "%s answers as the list says",
    async (coordinate, document) => {
      const codes = await codesOf(async () => withToken(app, await begin()), document);
      if (rules.impersonable.has(coordinate)) expect(codes).toEqual([]);
      else if (rules.open.has(coordinate))
        expect(codes).toEqual(await codesOf(async () => new Client(app), document));
      else expect(codes).toEqual(["FORBIDDEN"]);
    },
  );

  test("introspection shows what can be used, and the open fields, and not what the user alone sees", async () => {
    const query = getIntrospectionQuery();
    const shownTo = async (client: Client) => {
      const { data, text } = await client.run<IntrospectionQuery, object>(query);
      if (!data) throw new Error(`There is no schema to look at: ${text}`);
      return rootFieldsOf(buildClientSchema(data)).map(({ coordinate }) => coordinate);
    };
    const own = await shownTo(await logIn(user));
    expect(own).toContain("Mutation.changePassword");
    const served = buildGuardedSchema(await openDefaultApplication()).rules;
    const isShown = (name: string) => served.open.has(name) || served.impersonable.has(name);
    expect(await shownTo(withToken(app, await begin()))).toEqual(own.filter(isShown));
  });

  test("a login is an ordinary login, and mixes nothing", async () => {
    const other = await app.createUser();
    const client = withToken(app, await begin());
    const answer = await client.run(LogInDocument, { ...other, mode: "TOKEN" });
    expect(answer.data?.login?.userId).toBe(other.id);
    const viewer = await viewerOf(withToken(app, answer.data?.login?.token ?? ""));
    expect(viewer).toMatchObject({ id: other.id, impersonatedBy: null });
    expect((await viewerOf(client))?.impersonatedBy).toBe(support.id);
  });

  const acting = {
    userId: "user",
    hasProvenFactor: false,
    roles: [],
    permissions: [],
    user: {
      id: "user",
      username: "u",
      displayName: null,
      locale: null,
      email: null,
      roles: [],
      permissions: [],
      createdAt: new Date(0),
      emailVerified: true,
      hasSecondFactor: false,
    },
    sessionId: "session",
    accessToken: null,
    impersonatorId: "actor",
  } satisfies Viewer;

  test("nobody is the person: no login is recent, and no rule that asks for a person can be given them", async () => {
    // @ts-expect-error
    const person: PersonalViewer = acting;
    expect(() => requirePersonal(person)).toThrow("You do not have permission");
    await begin();
    const [session] = await sessionsOf(user);
    const viewer = { ...acting, sessionId: session?.id ?? "" };
    const nothingOffered = { relyingParty: null, providers: { list: [] } };
    await expect(requireRecentLogin(app.database, nothingOffered, viewer)).rejects.toMatchObject({
      code: "REAUTHENTICATION_REQUIRED",
    });
  });

  test("no cookie can be given to it", async () => {
    await begin();
    const gift = app.database
      .updateTable("sessions")
      .set({ cookie_digest: Buffer.from("00", "hex") })
      .where("user_id", "=", user.id);
    await expect(gift.execute()).rejects.toThrow("sessions_impersonation_check");
  });
});
