import argon2 from "argon2";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Client, logInAs } from "../../harness/client.ts";
import { messagesTo, secretIn } from "../../harness/mail/inbox.ts";
import { until } from "../../harness/mail/mail.ts";
import { type ProviderApp, startProviderApp } from "../../harness/providers/app.ts";
import { newPerson, type ProviderPerson } from "../../harness/providers/honest.ts";
import { startApp } from "../../harness/server.ts";
import { codeOf } from "../../harness/sign-in/second-factors.ts";
import {
  ChangePasswordDocument,
  ConfirmTotpDocument,
  DeleteAccountDocument,
  ExportMyDataDocument,
  HasPasswordDocument,
  IdentitiesDocument,
  LogInDocument,
  PrivateDocument,
  RequestPasswordResetDocument,
  ResetPasswordDocument,
  StartReauthenticationDocument,
  StartTotpDocument,
  UserHasPasswordDocument,
} from "../../operations/generated/graphql.ts";

// Users who have come by a provider, and have no password.

let app: ProviderApp;
let person: ProviderPerson;
let email: string;
let client: Client;
let user: { readonly id: string; readonly username: string };

beforeAll(async () => {
  app = await startProviderApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  email = `${crypto.randomUUID()}@example.org`;
  person = newPerson({ email, email_verified: true });
  client = await comeBack();
  user = await app.database
    .selectFrom("users")
    .select(["id", "username"])
    .where("email", "=", email)
    .executeTakeFirstOrThrow();
});

const comeBack = async () => (await app.logIn(person)).browser.clientOf(app);
const newPassword = "seven herons on the weir";
const set = (by: Client, currentPassword?: string | null) =>
  by.run(ChangePasswordDocument, { newPassword, ...(currentPassword !== undefined && { currentPassword }) });
const works = async (by: Client) => (await by.run(PrivateDocument)).codes.length === 0;
const canLogIn = async (password: string) =>
  (await new Client(app).run(LogInDocument, { username: user.username, password })).codes.length === 0;
const hasPassword = async (by = client) => (await by.run(HasPasswordDocument)).data?.viewer?.hasPassword;
const letAge = (column: "authenticated_at" | "second_factor_at" = "authenticated_at") =>
  app.database
    .updateTable("sessions")
    .set({ [column]: sql<Date>`now() - interval '11 minutes'` })
    .where("user_id", "=", user.id)
    .execute();
const eventsOf = (type: string) =>
  app.database
    .selectFrom("audit_events")
    .select(["actor_id", "details"])
    .where("user_id", "=", user.id)
    .where("type", "=", type)
    .execute();
const mails = (subject: RegExp) => until(() => messagesTo(app.mail.received, email, subject)[0]);

describe("the first password", () => {
  test("is set after a recent login: it opens the account, the other sessions end, the owner is told, and it is recorded", async () => {
    const other = await comeBack();
    const script = await createScriptOf(client);
    expect(await hasPassword()).toBe(false);
    const answer = await set(client);
    expect(answer.codes).toEqual([]);
    expect(await hasPassword()).toBe(true);
    expect([await works(client), await works(other), await works(script)]).toEqual([true, false, true]);
    expect(await canLogIn(newPassword)).toBe(true);
    expect((await client.run(IdentitiesDocument)).data?.identities).toHaveLength(1);
    expect((await mails(/has a password now/)).text).toContain("“nightly”");
    expect(await eventsOf("PASSWORD_CHANGED")).toEqual([
      { actor_id: user.id, details: { reason: "FIRST_PASSWORD" } },
    ]);
  });

  test("needs a login within ten minutes, which the refusal says how to repeat", async () => {
    await letAge();
    for (const current of [undefined, null]) {
      const refused = await set(client, current);
      expect(refused.errors[0]?.extensions).toMatchObject({
        code: "REAUTHENTICATION_REQUIRED",
        methods: ["EMAIL_CODE"],
        providers: ["honest"],
      });
    }
    expect(await hasPassword()).toBe(false);
    const again = await comeBack();
    expect((await set(again)).codes).toEqual([]);
  });

  test("needs the second factor within ten minutes, where there is one", async () => {
    const secret = (await client.run(StartTotpDocument)).data?.startTotp?.secret ?? "";
    expect((await client.run(ConfirmTotpDocument, { code: codeOf(secret) })).codes).toEqual([]);
    await letAge("second_factor_at");
    const refused = await set(client);
    expect(refused.errors[0]?.extensions).toMatchObject({
      code: "REAUTHENTICATION_REQUIRED",
      methods: ["TOTP", "RECOVERY_CODE"],
      providers: [],
    });
    expect(await hasPassword()).toBe(false);
  });

  test("is refused with a current one, which there is not, as with a wrong one", async () => {
    for (const current of ["not this one at all", ""])
      expect((await set(client, current)).codes).toEqual(["INVALID_CREDENTIALS"]);
    expect(await hasPassword()).toBe(false);
  });

  test("obeys the policy of passwords", async () => {
    const weak = await client.run(ChangePasswordDocument, { newPassword: "password1234" });
    expect(weak.errors[0]?.extensions.fields).toEqual([expect.objectContaining({ field: "newPassword" })]);
  });

  test("of two at once is one: the other replaces nothing", async () => {
    const clients = [client, await comeBack(), await comeBack()];
    const answers = await Promise.all(
      clients.map((by, index) =>
        by.run(ChangePasswordDocument, { newPassword: `seven herons on weir ${index}` }),
      ),
    );
    const done = answers.filter(({ codes }) => codes.length === 0);
    expect(done).toHaveLength(1);
    expect(
      await canLogIn(`seven herons on weir ${answers.findIndex(({ codes }) => codes.length === 0)}`),
    ).toBe(true);
    expect(await eventsOf("PASSWORD_CHANGED")).toHaveLength(1);
  });

  test("is not for scripts", async () => {
    expect((await set(await createScriptOf(client))).codes).toEqual(["FORBIDDEN"]);
    expect(await hasPassword()).toBe(false);
  });

  const createScriptOf = async (by: Client) => {
    const { data } = await by.run(
      'mutation { createAccessToken(input: { name: "nightly", scopes: ["profile:read"] }) { token } }',
    );
    const token =
      (data as { createAccessToken?: { token: string } } | null)?.createAccessToken?.token ?? null;
    return new Client(app, { token });
  };
});

describe("a user who has a password", () => {
  test("leaves the current one out in vain, as with a wrong one: same answer, same cost, same record", async () => {
    const owner = await app.createUser({ email: `${crypto.randomUUID()}@example.org` });
    const by = await logInAs(app, owner);
    const wrong = await set(by, "not this one at all");
    for (const current of [undefined, null]) {
      const refused = await set(by, current);
      expect(refused.errors).toEqual(wrong.errors);
    }
    const failures = await until(async () => {
      const found = await app.database
        .selectFrom("audit_events")
        .select("details")
        .where("user_id", "=", owner.id)
        .where("type", "=", "LOGIN_FAILED")
        .execute();
      return found.length > 0 && found;
    });
    expect(failures[0]?.details).toMatchObject({ reason: "WRONG_PASSWORD" });
    expect((await new Client(app).run(LogInDocument, owner)).codes).toEqual([]);
  });

  test("spends the attempts of a guess by leaving it out", async () => {
    const strict = await startApp({ RATE_LIMITS: "login.account=3/15m" });
    try {
      const by = await logInAs(strict, await strict.createUser());
      const codes = [];
      for (let count = 0; count < 4; count += 1) codes.push(...(await set(by)).codes);
      expect(codes).toEqual([...Array(3).fill("INVALID_CREDENTIALS"), "RATE_LIMITED"]);
    } finally {
      await strict.close();
    }
  });

  test("leaves the current one out in vain, though an imported hash is of an empty text", async () => {
    const owner = await app.createUser();
    const by = await logInAs(app, owner);
    await app.database
      .updateTable("users")
      .set({ password_hash: await argon2.hash("") })
      .where("id", "=", owner.id)
      .execute();
    expect((await set(by)).codes).toEqual(["INVALID_CREDENTIALS"]);
  });

  test("alone is told so", async () => {
    const reader = await logInAs(app, await app.createUser({ roles: ["ADMIN"] }));
    expect((await reader.run(UserHasPasswordDocument, { id: user.id })).data?.user).toMatchObject({
      username: user.username,
      hasPassword: null,
    });
  });
});

describe("a recent login of a user without a password", () => {
  test("is one more with the provider, when there is neither mailbox nor factor", async () => {
    await app.database
      .updateTable("users")
      .set({ email: null, canonical_email: null, email_verified_at: null })
      .where("id", "=", user.id)
      .execute();
    await letAge();
    const refused = await client.run(DeleteAccountDocument);
    expect(refused.errors[0]?.extensions).toMatchObject({ methods: [], providers: ["honest"] });
    expect((await client.run(StartReauthenticationDocument)).data?.startReauthentication).toEqual({
      methods: [],
      providers: ["honest"],
    });
    expect((await (await comeBack()).run(DeleteAccountDocument)).codes).toEqual([]);
  });
});

describe("a reset by mail", () => {
  const linkFor = async () => {
    await new Client(app).run(RequestPasswordResetDocument, { email });
    return secretIn(await mails(/new password/));
  };

  test("sets the first password, ends what is open, and leaves the provider's login", async () => {
    const token = await linkFor();
    expect((await new Client(app).run(ResetPasswordDocument, { token, newPassword })).codes).toEqual([]);
    expect(await works(client)).toBe(false);
    expect(await canLogIn(newPassword)).toBe(true);
    const again = await comeBack();
    expect(await hasPassword(again)).toBe(true);
    expect((await again.run(IdentitiesDocument)).data?.identities).toHaveLength(1);
  });

  test("of an account without an email sends nothing", async () => {
    const nobody = newPerson({ email: `${crypto.randomUUID()}@example.org`, email_verified: false });
    await app.logIn(nobody);
    const claimed = String(nobody.email);
    await new Client(app).run(RequestPasswordResetDocument, { email: claimed });
    // The mail of another one, asked for later, has arrived.
    await linkFor();
    expect(messagesTo(app.mail.received, claimed, /./)).toEqual([]);
  });
});

describe("leaving", () => {
  test("exports the logins with providers", async () => {
    const { data } = await client.run(ExportMyDataDocument);
    expect(data?.exportMyData?.data.identities).toEqual([
      expect.objectContaining({
        provider: "honest",
        issuer: app.provider.issuer,
        subject: person.sub,
        email,
      }),
    ]);
  });

  test("deletes the account with its identities, so that the provider's login makes a new one", async () => {
    expect((await client.run(DeleteAccountDocument)).codes).toEqual([]);
    const left = app.database.selectFrom("identities").select("id").where("subject", "=", person.sub);
    expect(await left.execute()).toEqual([]);
    await comeBack();
    const found = await app.database
      .selectFrom("identities")
      .select("user_id")
      .where("subject", "=", person.sub)
      .executeTakeFirst();
    expect(found?.user_id).not.toBe(user.id);
  });
});
