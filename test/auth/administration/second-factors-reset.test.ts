import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Client, logInAs } from "../../harness/client.ts";
import { messagesTo } from "../../harness/mail/inbox.ts";
import { until } from "../../harness/mail/mail.ts";
import { type AppWithMail, startWithMail, type User } from "../../harness/server.ts";
import { createScript } from "../../harness/sign-in/access-token.ts";
import {
  beginLogin,
  codeOf,
  type Enrolled,
  enrolTotp,
  logInWithCode,
} from "../../harness/sign-in/second-factors.ts";
import {
  CompleteLoginDocument,
  CreateAccessTokenDocument,
  DeactivateUserDocument,
  LogInDocument,
  OwnSecondFactorDocument,
  PrivateDocument,
  ReactivateUserDocument,
  ResetSecondFactorsDocument,
  UserSecondFactorDocument,
} from "../../operations/generated/graphql.ts";

let app: AppWithMail;
let admin: User;
let support: User;
let supporter: Client;
let owner: Enrolled & { readonly user: { readonly email: string } };

beforeAll(async () => {
  app = await startWithMail();
  await app.database
    .insertInto("roles")
    .values([
      { name: "SUPPORT", permissions: ["users:read", "users:reset-second-factors", "users:deactivate"] },
      { name: "READER", permissions: ["users:read"] },
      { name: "EDITOR", permissions: ["pages:edit"] },
    ])
    .execute();
  admin = await app.createUser({ roles: ["ADMIN"] });
  support = await app.createUser({ email: `${crypto.randomUUID()}@example.org`, roles: ["SUPPORT"] });
  supporter = await logInAs(app, support);
});
afterAll(() => app.close());
beforeEach(async () => {
  owner = await enrolled();
});

const enrolled = async (roles: readonly string[] = []) => {
  const email = `${crypto.randomUUID()}@example.org`;
  const created = { ...(await app.createUser({ email, roles })), email };
  return { ...(await enrolTotp(app, created)), user: created };
};
const reset = (client: Client, { id }: { readonly id: string }) =>
  client.run(ResetSecondFactorsDocument, { userId: id });
const works = async (client: Client) => (await client.run(PrivateDocument)).codes.length === 0;
const isAskedForOne = async (user: User) =>
  (await new Client(app).run(LogInDocument, user)).data?.login?.challenge != null;
const rowsOf = async ({ id }: User) => {
  const tables = [
    "totp_factors",
    "recovery_codes",
    "passkeys",
    "trusted_browsers",
    "proof_challenges",
  ] as const;
  const counts = await Promise.all(
    tables.map((table) =>
      app.database.selectFrom(table).select("user_id").where("user_id", "=", id).execute(),
    ),
  );
  return counts.map(({ length }) => length);
};
const resetsOf = ({ id }: User) =>
  app.database
    .selectFrom("audit_events")
    .select(["actor_id", "session_id", "ip_address"])
    .where("user_id", "=", id)
    .where("type", "=", "SECOND_FACTORS_RESET")
    .execute();

describe("resetSecondFactors", () => {
  test("removes all factors, ends sessions, trusted browsers and pending logins, and tells the owner", async () => {
    const { user, client, secret } = owner;
    const script = await createScriptOf(client);
    const trusted = await logInWithCode(app, user, codeOf(secret), { trustBrowser: true });
    const waiting = await beginLogin(app, user);
    expect(await rowsOf(user)).toEqual([1, 10, 0, 1, 1]);

    const answer = await reset(supporter, user);
    expect(answer.data?.resetSecondFactors).toMatchObject({
      message: "The user has no second factor, and is logged out everywhere.",
      userId: user.id,
    });
    expect(await rowsOf(user)).toEqual([0, 0, 0, 0, 0]);
    for (const ended of [client, trusted]) expect(await works(ended)).toBe(false);
    const late = { pendingToken: waiting.pendingToken, code: codeOf(secret, { steps: 1 }) };
    expect((await waiting.client.run(CompleteLoginDocument, late)).codes).toEqual(["INVALID_TOKEN"]);
    // Scripts go on: they never had a second step.
    expect(await works(script)).toBe(true);

    expect(await isAskedForOne(user)).toBe(false);
    // Who acted, but not from where: the owner reads the event.
    expect(await resetsOf(user)).toEqual([
      { actor_id: support.id, session_id: null, ip_address: expect.anything() },
    ]);
    await until(() => messagesTo(app.mail.received, user.email, /second factors were removed/)[0]);
    expect(messagesTo(app.mail.received, user.email, /second factors were removed/)).toHaveLength(1);
  });

  test("is refused without the permission, without a recent login, to an access token and to nobody", async () => {
    const { user } = owner;
    const reader = await app.createUser({ roles: ["READER"] });
    const late = await app.createUser({ roles: ["SUPPORT"] });
    const stale = await logInAs(app, late);
    await age(late);
    const script = await createScript(app, support, ["users:read"]);
    const refusals = [
      [await logInAs(app, reader), "FORBIDDEN"],
      [stale, "REAUTHENTICATION_REQUIRED"],
      [script.client, "FORBIDDEN"],
      [new Client(app), "UNAUTHENTICATED"],
    ] as const;
    for (const [client, code] of refusals) expect((await reset(client, user)).codes).toEqual([code]);
    expect((await reset(supporter, { id: "00000000-0000-7000-8000-000000000000" })).codes).toEqual([
      "NOT_FOUND",
    ]);
    expect((await reset(supporter, { id: "not an id" })).codes).toEqual(["NOT_FOUND"]);
    expect(await isAskedForOne(user)).toBe(true);
    expect(await resetsOf(user)).toEqual([]);
  });

  test("needs the actor's own second factor within ten minutes, once the actor has one", async () => {
    const { user } = owner;
    const actor = await enrolled(["SUPPORT"]);
    await app.database
      .updateTable("sessions")
      .set({ second_factor_at: sql<Date>`now() - interval '11 minutes'` })
      .where("user_id", "=", actor.user.id)
      .execute();
    const answer = await reset(actor.client, user);
    expect(answer.codes).toEqual(["REAUTHENTICATION_REQUIRED"]);
    expect(answer.errors[0]?.extensions.methods).toEqual(["TOTP", "RECOVERY_CODE"]);
    const fresh = await logInWithCode(app, actor.user, codeOf(actor.secret));
    expect((await reset(fresh, user)).codes).toEqual([]);
  });

  test("does not open the account of an administrator, or of a user who holds more, to those who hold less", async () => {
    for (const roles of [["ADMIN"], ["EDITOR"]]) {
      const { user } = await enrolled(roles);
      expect((await reset(supporter, user)).codes).toEqual(["FORBIDDEN"]);
      expect(await isAskedForOne(user)).toBe(true);
      expect((await reset(await logInAs(app, admin), user)).codes).toEqual([]);
      expect(await isAskedForOne(user)).toBe(false);
    }
  });

  test("works on oneself, who is logged out too", async () => {
    const { user, client } = await enrolled(["SUPPORT"]);
    expect((await reset(client, user)).codes).toEqual([]);
    expect(await works(client)).toBe(false);
    expect(await isAskedForOne(user)).toBe(false);
  });

  test("of a deactivated user leaves the user deactivated", async () => {
    const { user } = owner;
    const administrator = await logInAs(app, admin);
    expect((await administrator.run(DeactivateUserDocument, { id: user.id })).codes).toEqual([]);
    expect((await reset(administrator, user)).codes).toEqual([]);
    expect((await new Client(app).run(LogInDocument, user)).codes).toEqual(["INVALID_CREDENTIALS"]);
    await administrator.run(ReactivateUserDocument, { id: user.id });
    expect(await isAskedForOne(user)).toBe(false);
  });

  test("of a user without a factor succeeds, and is recorded", async () => {
    const user = await app.createUser();
    expect((await reset(supporter, user)).codes).toEqual([]);
    expect(await resetsOf(user)).toHaveLength(1);
  });
});

test("hasSecondFactor is shown to the user and to viewers with users:read, and follows a reset at once", async () => {
  const { user, client } = owner;
  const seenBy = async (viewer: Client) =>
    (await viewer.run(UserSecondFactorDocument, { id: user.id })).data?.user?.hasSecondFactor;
  const reader = await logInAs(app, await app.createUser({ roles: ["READER"] }));
  expect((await client.run(OwnSecondFactorDocument)).data?.viewer?.hasSecondFactor).toBe(true);
  expect(await Promise.all([seenBy(reader), seenBy(supporter)])).toEqual([true, true]);
  await reset(supporter, user);
  expect(await seenBy(reader)).toBe(false);
});

/** The owner's login is recent, and used the factor. */
const createScriptOf = async (client: Client) => {
  const input = { name: "a script", scopes: ["profile:read"] };
  const { data } = await client.run(CreateAccessTokenDocument, { input });
  return new Client(app, { token: data?.createAccessToken?.token ?? null });
};

const age = ({ id }: User) =>
  app.database
    .updateTable("sessions")
    .set({ authenticated_at: sql<Date>`now() - interval '11 minutes'` })
    .where("user_id", "=", id)
    .execute();
