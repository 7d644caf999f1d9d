import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Client, logInAs } from "../../harness/client.ts";
import { messagesTo, secretIn } from "../../harness/mail/inbox.ts";
import { until } from "../../harness/mail/mail.ts";
import { type AppWithMail, startWithMail, type User } from "../../harness/server.ts";
import { createScript } from "../../harness/sign-in/access-token.ts";
import {
  CreateUserDocument,
  type CreateUserInput,
  DeactivateUserDocument,
  DeactivateUserUnseenDocument,
  LogInDocument,
  PrivateDocument,
  ReactivateUserDocument,
  RequestPasswordResetDocument,
  ResetPasswordDocument,
  RevokeSessionsDocument,
  SendPasswordResetDocument,
  SetRolesDocument,
  UndoEmailChangeDocument,
  UpdateUserDocument,
  VerifyEmailDocument,
} from "../../operations/generated/graphql.ts";

let app: AppWithMail;
let admin: User;
let administrator: Client;
let user: User & { email: string };
let count = 0;
beforeAll(async () => {
  app = await startWithMail();
  admin = await app.createUser({ roles: ["ADMIN"] });
  administrator = await loggedIn(admin);
  await app.database
    .insertInto("roles")
    .values([
      { name: "SUPPORT", permissions: ["users:read"] },
      { name: "HELPER", permissions: ["audit:read"] },
      { name: "DEACTIVATOR", permissions: ["users:deactivate"] },
      { name: "INVITER", permissions: ["users:create"] },
    ])
    .execute();
});
afterAll(() => app.close());
beforeEach(async () => {
  count += 1;
  const email = `owner${count}@example.org`;
  user = await app.createUser({ email });
});

const password = "seven herons on the weir";
const unknownId = "00000000-0000-7000-8000-000000000000";

const loggedIn = (who: User) => logInAs(app, who);
const works = async (client: Client) => (await client.run(PrivateDocument)).codes.length === 0;
const canLogIn = async (username: string, typed: string) =>
  (await new Client(app).run(LogInDocument, { username, password: typed })).codes.length === 0;
const rowOf = (id: string) =>
  app.database.selectFrom("users").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
const linksOf = async (id: string) => {
  const rows = await app.database
    .selectFrom("one_time_tokens")
    .select(["purpose", "sent_to"])
    .where("user_id", "=", id)
    .orderBy("id")
    .execute();
  return rows.map(({ purpose, sent_to }) => `${purpose} ${sent_to}`);
};
const eventsOf = async (id: string) =>
  app.database
    .selectFrom("audit_events")
    .select(["type", "actor_id", "session_id", "details", "personal"])
    .where("user_id", "=", id)
    .where("type", "not in", ["LOGIN_SUCCEEDED", "LOGIN_FAILED"])
    .orderBy("id")
    .execute();
const lastEventOf = async (id: string) => (await eventsOf(id)).at(-1);
const mailTo = (email: string, subject: RegExp) =>
  until(() => messagesTo(app.mail.received, email, subject)[0]);
const linkIn = async (email: string, subject: RegExp) => secretIn(await mailTo(email, subject));
const mailsTo = (email: string) => messagesTo(app.mail.received, email).length;
const reset = (token: string) => new Client(app).run(ResetPasswordDocument, { token, newPassword: password });
const brokenRules = (answer: { errors: readonly { extensions: Readonly<Record<string, unknown>> }[] }) =>
  (answer.errors[0]?.extensions.fields as { field: string; rule: string }[] | undefined)?.map(
    ({ field, rule }) => `${field}: ${rule}`,
  );
/** The session of every login is older than the ten minutes of a sensitive act. */
const ageLogins = (who: User) =>
  app.database
    .updateTable("sessions")
    .set({ authenticated_at: sql<Date>`now() - interval '11 minutes'` })
    .where("user_id", "=", who.id)
    .execute();

describe("making an account", () => {
  const input = (given: Partial<CreateUserInput> = {}): CreateUserInput => ({
    username: `invited${count}`,
    email: `invited${count}@example.org`,
    ...given,
  });
  const create = (given?: Partial<CreateUserInput>, client = administrator) =>
    client.run(CreateUserDocument, { input: input(given) });

  test("invites its owner, who alone chooses the password; until then nobody can log in", async () => {
    const { username, email } = input();
    const answer = await create({ roles: ["SUPPORT", "SUPPORT"] });
    expect(answer.data?.createUser).toMatchObject({
      message: "The user was created. An invitation was sent.",
      user: { username, email, isActive: true, emailVerified: false, roles: ["SUPPORT"], lastLoginAt: null },
    });
    const id = answer.data?.createUser?.userId ?? "";
    expect(await rowOf(id)).toMatchObject({ id, password_hash: null, email_verified_at: null });
    expect(await lastEventOf(id)).toEqual({
      type: "ACCOUNT_CREATED",
      actor_id: admin.id,
      session_id: null,
      details: { roles: ["SUPPORT"] },
      personal: null,
    });
    for (const typed of ["", "null", password]) expect(await canLogIn(username, typed)).toBe(false);

    const token = await linkIn(email, /You have an account/);
    expect((await reset(token)).codes).toEqual([]);
    expect((await rowOf(id)).email_verified_at).not.toBeNull();
    expect([await canLogIn(username, password), await canLogIn(email, password)]).toEqual([true, true]);
    expect((await reset(token)).codes).toEqual(["INVALID_TOKEN"]);
  });

  test("tells every broken rule, and makes nothing", async () => {
    const rules = async (given: Partial<CreateUserInput>) => brokenRules(await create(given));
    expect(await rules({ username: "a b", email: "nonsense", roles: ["MISSING"] })).toEqual([
      "username: characters",
      "email: email",
      "roles: exists",
    ]);
    expect(await rules({ username: user.username.toUpperCase() })).toEqual(["username: unique"]);
    expect(await rules({ email: user.email.toUpperCase() })).toEqual(["email: unique"]);
    expect(await rules({ roles: ["admin"] })).toEqual(["roles: exists"]);
    expect(await rules({ roles: ["users:read"] })).toEqual(["roles: exists"]);
    expect(mailsTo(input().email)).toBe(0);
    const made = app.database.selectFrom("users").select("id").where("username", "=", input().username);
    expect(await made.execute()).toEqual([]);
  });

  test("with roles needs the permission to give them, and a login of the last ten minutes", async () => {
    const inviter = await app.createUser({ roles: ["INVITER"] });
    const client = await loggedIn(inviter);
    expect((await create({ roles: ["INVITER"] }, client)).codes).toEqual(["FORBIDDEN"]);
    await ageLogins(inviter);
    const made = await create({}, client);
    // It is made; what it looks like is for whoever may see accounts.
    expect([made.codes, made.errors[0]?.path, made.data?.createUser?.user]).toEqual([
      ["FORBIDDEN"],
      ["createUser", "user"],
      null,
    ]);
    expect((await rowOf(made.data?.createUser?.userId ?? "")).username).toBe(input().username);

    const other = await app.createUser({ roles: ["ADMIN"] });
    const stale = await loggedIn(other);
    await ageLogins(other);
    const given = { username: "too-late", email: "too-late@example.org", roles: ["SUPPORT"] };
    expect((await create(given, stale)).codes).toEqual(["REAUTHENTICATION_REQUIRED"]);
    expect((await create({ ...given, roles: [] }, stale)).codes).toEqual([]);
  });

  test("of one name is done once by ten at the same moment", async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => create({ email: `one${index}@example.org` })),
    );
    expect(answers.map((answer) => brokenRules(answer)?.[0] ?? "made").sort()).toEqual([
      "made",
      ...Array(9).fill("username: unique"),
    ]);
  });
});

describe("changing names", () => {
  const update = (input: { username?: string | null; email?: string | null }, client = administrator) =>
    client.run(UpdateUserDocument, { id: user.id, input });

  test("a username: the owner is told the old one, and the new one logs in", async () => {
    const client = await loggedIn(user);
    const username = `Renamed${count}`;
    expect((await update({ username })).data?.updateUser?.user).toMatchObject({
      username,
      email: user.email,
    });
    expect(await canLogIn(username.toLowerCase(), user.password)).toBe(true);
    expect(await canLogIn(user.username, user.password)).toBe(false);
    expect((await client.run(PrivateDocument)).data?.private?.message).toContain(username);
    expect((await mailTo(user.email, /username was changed/)).text).toContain(user.username);
    expect(await lastEventOf(user.id)).toMatchObject({
      type: "USERNAME_CHANGED",
      actor_id: admin.id,
      details: {},
      personal: { from: user.username, to: username },
    });
    // Nobody else can take the old one, and pose as its owner.
    const input = { username: user.username, email: `poser${count}@example.org` };
    expect(brokenRules(await administrator.run(CreateUserDocument, { input }))).toEqual(["username: unique"]);
    expect((await update({ username: user.username })).codes).toEqual([]);
    expect((await update({ username: username.toUpperCase() })).data?.updateUser?.user?.username).toBe(
      username.toUpperCase(),
    );
  });

  test("an address: it is not proven by that, and the owner of the old one is told there, with a way back", async () => {
    await new Client(app).run(RequestPasswordResetDocument, { email: user.email });
    const old = await linkIn(user.email, /new password/);
    const email = `moved${count}@example.org`;
    const answer = await update({ email });
    expect(answer.data?.updateUser?.user).toMatchObject({ email, emailVerified: false });
    expect(await linksOf(user.id)).toEqual([`undo-address-change ${user.email}`, `verify-address ${email}`]);
    expect((await mailTo(user.email, /email was changed/)).text).toMatch(/#token=/);
    expect(await lastEventOf(user.id)).toMatchObject({
      type: "EMAIL_CHANGED",
      actor_id: admin.id,
      personal: { from: user.email, to: email },
    });
    // Links to the old address lead nowhere any more, and neither address logs in.
    expect((await reset(old)).codes).toEqual(["INVALID_TOKEN"]);
    expect([await canLogIn(user.email, user.password), await canLogIn(email, user.password)]).toEqual([
      false,
      false,
    ]);
    const token = await linkIn(email, /Confirm/);
    await new Client(app).run(VerifyEmailDocument, { token, password: user.password });
    expect(await canLogIn(email, user.password)).toBe(true);
  });

  test("an address: its owner can take it back, which puts everybody else out", async () => {
    const client = await loggedIn(user);
    const email = `taken${count}@example.org`;
    await update({ email });
    await administrator.run(SendPasswordResetDocument, { id: user.id });
    const stolen = await linkIn(email, /new password/);
    const token = await linkIn(user.email, /email was changed/);
    expect((await new Client(app).run(UndoEmailChangeDocument, { token })).codes).toEqual([]);
    expect(await rowOf(user.id)).toMatchObject({ email: user.email, password_hash: null });
    expect((await reset(stolen)).codes).toEqual(["INVALID_TOKEN"]);
    expect(await works(client)).toBe(false);
    expect((await reset(await linkIn(user.email, /new password/))).codes).toEqual([]);
    expect(await canLogIn(user.email, password)).toBe(true);
  });

  test("an address, when the old mailbox is in wrong hands: deactivating ends the way back too", async () => {
    await update({ email: `safe${count}@example.org` });
    const token = await linkIn(user.email, /email was changed/);
    await administrator.run(DeactivateUserDocument, { id: user.id });
    await administrator.run(ReactivateUserDocument, { id: user.id });
    expect((await new Client(app).run(UndoEmailChangeDocument, { token })).codes).toEqual(["INVALID_TOKEN"]);
  });

  test("an address that was never proven is told nothing, and one that was only written otherwise stays proven", async () => {
    await update({ email: user.email.toUpperCase() });
    expect((await rowOf(user.id)).email_verified_at).not.toBeNull();
    expect(await linksOf(user.id)).toEqual([]);
    await app.database
      .updateTable("users")
      .set({ email_verified_at: null })
      .where("id", "=", user.id)
      .execute();
    await update({ email: `later${count}@example.org`, username: `later${count}` });
    await mailTo(`later${count}@example.org`, /Confirm/);
    expect([mailsTo(user.email), mailsTo(user.email.toUpperCase())]).toEqual([0, 0]);
  });

  test("of whom was invited: the invitation goes to the new address, and the old one is worth nothing", async () => {
    const { data } = await administrator.run(CreateUserDocument, {
      input: { username: `typo${count}`, email: `typo${count}@example.org` },
    });
    const id = data?.createUser?.userId ?? "";
    const wrong = await linkIn(`typo${count}@example.org`, /You have an account/);
    const email = `right${count}@example.org`;
    await administrator.run(UpdateUserDocument, { id, input: { email } });
    const right = await linkIn(email, /You have an account/);
    expect((await reset(wrong)).codes).toEqual(["INVALID_TOKEN"]);
    expect((await reset(right)).codes).toEqual([]);
  });

  test("tells every broken rule, and changes nothing", async () => {
    const other = await app.createUser({ email: `other${count}@example.org` });
    const before = await rowOf(user.id);
    const rules = async (given: { username?: string; email?: string }) => brokenRules(await update(given));
    expect(await rules({ username: "a b", email: "nonsense" })).toEqual([
      "username: characters",
      "email: email",
    ]);
    expect(await rules({ username: other.username.toUpperCase(), email: other.email ?? "" })).toEqual([
      "username: unique",
      "email: unique",
    ]);
    expect(await rules({ username: `fine${count}`, email: other.email ?? "" })).toEqual(["email: unique"]);
    for (const nothing of [
      {},
      { username: null, email: null },
      { username: user.username, email: user.email },
    ])
      expect((await update(nothing)).codes).toEqual([]);
    expect(await rowOf(user.id)).toEqual(before);
    expect((await eventsOf(user.id)).map(({ type }) => type)).toEqual(["ACCOUNT_CREATED"]);
  });

  test("an address needs a login of the last ten minutes, and an active account; a username does not", async () => {
    const other = await app.createUser({ roles: ["ADMIN"] });
    const client = await loggedIn(other);
    await ageLogins(other);
    expect((await update({ email: `x${count}@example.org` }, client)).codes).toEqual([
      "REAUTHENTICATION_REQUIRED",
    ]);
    expect((await update({ username: `x${count}` }, client)).codes).toEqual([]);
    await administrator.run(DeactivateUserDocument, { id: user.id });
    expect(brokenRules(await update({ email: `x${count}@example.org` }))).toEqual(["email: active"]);
    expect((await update({ username: `y${count}` })).codes).toEqual([]);
  });
});

describe("a deactivated account", () => {
  test("is out at once, everywhere, and reactivation revives nothing", async () => {
    const script = await createScript(app, user, ["profile:read"]);
    const clients = [await loggedIn(user), await loggedIn(user), script.client];
    await administrator.run(SendPasswordResetDocument, { id: user.id });
    const link = await linkIn(user.email, /new password/);
    expect(await Promise.all(clients.map(works))).toEqual([true, true, true]);

    const answer = await administrator.run(DeactivateUserDocument, { id: user.id });
    expect(answer.data?.deactivateUser?.user?.isActive).toBe(false);
    expect(await Promise.all(clients.map(works))).toEqual([false, false, false]);
    expect(await canLogIn(user.username, user.password)).toBe(false);
    expect((await reset(link)).codes).toEqual(["INVALID_TOKEN"]);
    const revoked = ["ACCESS_TOKEN_REVOKED", "SESSION_REVOKED", "SESSION_REVOKED", "SESSION_REVOKED"];
    expect((await eventsOf(user.id)).slice(-5).map((event) => [event.type, event.actor_id])).toEqual(
      [...revoked, "ACCOUNT_DEACTIVATED"].map((type) => [type, admin.id]),
    );

    expect(
      (await administrator.run(ReactivateUserDocument, { id: user.id })).data?.reactivateUser?.user,
    ).toMatchObject({ isActive: true });
    expect((await lastEventOf(user.id))?.type).toBe("ACCOUNT_REACTIVATED");
    expect(await Promise.all(clients.map(works))).toEqual([false, false, false]);
    expect((await reset(link)).codes).toEqual(["INVALID_TOKEN"]);
    expect(await canLogIn(user.username, user.password)).toBe(true);
  });

  test("loses also what was being issued at that moment", async () => {
    await administrator.run(DeactivateUserDocument, { id: user.id });
    await app.database
      .insertInto("one_time_tokens")
      .values({
        id: unknownId,
        purpose: "reset-password",
        digest: Buffer.from("late"),
        user_id: user.id,
        sent_to: user.email,
        expires_at: sql<Date>`now() + interval '1 hour'`,
      })
      .execute();
    await administrator.run(ReactivateUserDocument, { id: user.id });
    expect(await linksOf(user.id)).toEqual([]);
  });

  test("twice is once: nothing is recorded when nothing changes", async () => {
    const events = async () => (await eventsOf(user.id)).map(({ type }) => type);
    await administrator.run(ReactivateUserDocument, { id: user.id });
    for (const _ of [1, 2])
      expect((await administrator.run(DeactivateUserDocument, { id: user.id })).codes).toEqual([]);
    expect(await events()).toEqual(["ACCOUNT_CREATED", "ACCOUNT_DEACTIVATED"]);
  });

  test("may be one's own, when it is not the last administrator's", async () => {
    const leaver = await app.createUser({ roles: ["ADMIN"] });
    const client = await loggedIn(leaver);
    expect(
      (await client.run(DeactivateUserDocument, { id: leaver.id })).data?.deactivateUser?.user?.isActive,
    ).toBe(false);
    expect(await works(client)).toBe(false);
  });

  test("is none when a statement of it fails", async () => {
    const client = await loggedIn(user);
    await sql`alter table one_time_tokens rename to gone`.execute(app.database);
    expect((await administrator.run(DeactivateUserDocument, { id: user.id })).codes).toEqual([
      "INTERNAL_SERVER_ERROR",
    ]);
    await sql`alter table gone rename to one_time_tokens`.execute(app.database);
    expect([await works(client), (await rowOf(user.id)).is_active]).toEqual([true, true]);
  });
});

describe("roles", () => {
  const set = (roles: string[], client = administrator) =>
    client.run(SetRolesDocument, { id: user.id, roles });

  test("are replaced, count at once for a session that is there, and the owner is told", async () => {
    const client = await loggedIn(user);
    const answer = await set(["SUPPORT", "HELPER", "SUPPORT"]);
    expect(answer.data?.setRoles?.user).toMatchObject({
      roles: ["SUPPORT", "HELPER"],
      permissions: ["audit:read", "users:read"],
    });
    const permissions = async () =>
      (await client.run<{ viewer: { permissions: string[] } }, object>("{ viewer { permissions } }")).data
        ?.viewer.permissions;
    expect(await permissions()).toEqual(["audit:read", "users:read"]);
    expect((await mailTo(user.email, /Your roles were changed/)).text).toContain("SUPPORT, HELPER");
    await set(["HELPER"]);
    expect(await permissions()).toEqual(["audit:read"]);
    expect(await lastEventOf(user.id)).toMatchObject({
      type: "ROLES_CHANGED",
      actor_id: admin.id,
      details: { roles: ["HELPER"], granted: [], revoked: ["SUPPORT"] },
    });
  });

  test("that are neither in the table nor in the schema are refused, each by name", async () => {
    const answer = await set(["SUPPORT", "SUPORT", "users:read", ""]);
    expect(brokenRules(answer)).toEqual(["roles: exists", "roles: exists", "roles: exists"]);
    expect(answer.text).toContain("The role SUPORT does not exist.");
    expect((await rowOf(user.id)).roles).toEqual([]);
    expect((await set(["ADMIN"])).codes).toEqual([]);
  });

  test("need a login of the last ten minutes, and the same ones again change nothing", async () => {
    const other = await app.createUser({ roles: ["ADMIN"] });
    const client = await loggedIn(other);
    await set(["SUPPORT"]);
    await ageLogins(other);
    expect((await set(["HELPER"], client)).codes).toEqual(["REAUTHENTICATION_REQUIRED"]);
    await set(["SUPPORT"]);
    expect((await eventsOf(user.id)).map(({ type }) => type)).toEqual(["ACCOUNT_CREATED", "ROLES_CHANGED"]);
  });
});

describe("a link to choose a password", () => {
  const send = (id = user.id) => administrator.run(SendPasswordResetDocument, { id });

  test("goes to the owner alone, and replaces the one before", async () => {
    const answer = await send();
    expect(answer.data?.sendPasswordReset?.message).toMatch(/was sent to the user/);
    expect(answer.text).not.toMatch(/token/i);
    const first = await linkIn(user.email, /new password/);
    expect(await lastEventOf(user.id)).toMatchObject({
      type: "ONE_TIME_TOKEN_ISSUED",
      actor_id: admin.id,
      details: { purpose: "reset-password" },
    });
    await send();
    expect((await reset(first)).codes).toEqual(["INVALID_TOKEN"]);
    expect(await linksOf(user.id)).toEqual([`reset-password ${user.email}`]);
    expect(await canLogIn(user.username, user.password)).toBe(true);
  });

  test("is the invitation again for whom was invited", async () => {
    const email = `again${count}@example.org`;
    const { data } = await administrator.run(CreateUserDocument, {
      input: { username: `again${count}`, email },
    });
    const id = data?.createUser?.userId ?? "";
    await mailTo(email, /You have an account/);
    await send(id);
    await until(() => mailsTo(email) === 2);
    expect(await linksOf(id)).toEqual([`invitation ${email}`]);
  });

  test("is refused for an account that is deactivated, or has no address", async () => {
    await administrator.run(DeactivateUserDocument, { id: user.id });
    expect(brokenRules(await send())).toEqual(["id: active"]);
    expect(brokenRules(await send((await app.createUser()).id))).toEqual(["id: address"]);
    expect(await linksOf(user.id)).toEqual([]);
  });
});

test("revoking sessions logs an account out everywhere, leaves its access tokens, and lets it log in again", async () => {
  const script = await createScript(app, user, ["profile:read"]);
  const client = await loggedIn(user);
  expect((await administrator.run(RevokeSessionsDocument, { userId: user.id })).codes).toEqual([]);
  expect([await works(client), await works(script.client)]).toEqual([false, true]);
  expect(await lastEventOf(user.id)).toMatchObject({ type: "SESSION_REVOKED", actor_id: admin.id });
  expect(await works(await loggedIn(user))).toBe(true);
});

test("what is changed holds at once on the server that changed it, also when no notice comes", async () => {
  const client = await loggedIn(user);
  const script = await createScript(app, user, ["profile:read"]);
  expect([await works(client), await works(script.client)]).toEqual([true, true]);
  const triggers = async (state: "enable" | "disable") => {
    for (const table of ["users", "sessions", "access_tokens"])
      await sql`alter table ${sql.table(table)} ${sql.raw(state)} trigger user`.execute(app.database);
  };
  await triggers("disable");
  await administrator.run(UpdateUserDocument, { id: user.id, input: { username: `unheard${count}` } });
  expect((await client.run(PrivateDocument)).data?.private?.message).toContain(`unheard${count}`);
  await administrator.run(DeactivateUserDocument, { id: user.id });
  expect([await works(client), await works(script.client)]).toEqual([false, false]);
  await triggers("enable");
});

describe("each is answered", () => {
  const calls = (id: string) =>
    [
      [UpdateUserDocument, { id, input: { username: "anybody" } }],
      [DeactivateUserDocument, { id }],
      [ReactivateUserDocument, { id }],
      [SetRolesDocument, { id, roles: [] }],
      [SendPasswordResetDocument, { id }],
      [RevokeSessionsDocument, { userId: id }],
    ] as const;

  test("NOT_FOUND for an account that is not there, and for an id that is none", async () => {
    for (const id of [unknownId, "1", "", "x'; drop table users"])
      for (const [document, variables] of calls(id))
        expect((await administrator.run<unknown, object>(document as never, variables)).codes).toEqual([
          "NOT_FOUND",
        ]);
  });

  test("FORBIDDEN to whoever lacks its permission, before anything is said of the account", async () => {
    const client = await loggedIn(await app.createUser({ roles: ["SUPPORT", "HELPER"] }));
    for (const id of [user.id, unknownId, "1"])
      for (const [document, variables] of calls(id))
        expect((await client.run<unknown, object>(document as never, variables)).codes).toEqual([
          "FORBIDDEN",
        ]);
  });

  test("for an id in capitals like for any other", async () => {
    const { data } = await administrator.run(DeactivateUserDocument, { id: user.id.toUpperCase() });
    expect(data?.deactivateUser?.userId).toBe(user.id);
  });

  test("without what the account is to whoever may not see accounts", async () => {
    const client = await loggedIn(await app.createUser({ roles: ["DEACTIVATOR"] }));
    expect((await client.run(DeactivateUserUnseenDocument, { id: user.id })).data?.deactivateUser).toEqual({
      userId: user.id,
      message: "The user is deactivated.",
    });
    const answer = await client.run(DeactivateUserDocument, { id: user.id });
    expect([answer.codes, answer.data?.deactivateUser?.user]).toEqual([["FORBIDDEN"], null]);
    expect(answer.text).not.toContain(user.email);
  });
});
