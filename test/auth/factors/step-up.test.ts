import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client } from "../../harness/client.ts";
import { type App, startApp, type User } from "../../harness/server.ts";
import { createScript } from "../../harness/sign-in/access-token.ts";
import { codeOf, enrolTotp, logInWithCode } from "../../harness/sign-in/second-factors.ts";
import {
  ChangePasswordDocument,
  ConfirmTotpDocument,
  CreateAccessTokenDocument,
  ImpersonateDocument,
  ReauthenticateWithDocument,
  RegenerateRecoveryCodesDocument,
  RemoveTotpDocument,
  RevokeTrustedBrowsersDocument,
  SecondFactorsDocument,
  StartReauthenticationDocument,
  StartTotpDocument,
  TrustedBrowsersDocument,
} from "../../operations/generated/graphql.ts";

let app: App;

beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const newUser = () => app.createUser({ email: `${crypto.randomUUID()}@example.org` });

/** As if so much time had passed since both proofs of the user's sessions. */
const letProofsAge = (user: User) =>
  app.database
    .updateTable("sessions")
    .set({
      authenticated_at: sql<Date>`authenticated_at - interval '11 minutes'`,
      second_factor_at: sql<Date>`second_factor_at - interval '11 minutes'`,
    })
    .where("user_id", "=", user.id)
    .execute();

const sensitive = {
  startTotp: (client: Client) => client.run(StartTotpDocument),
  confirmTotp: (client: Client) => client.run(ConfirmTotpDocument, { code: "000000" }),
  removeTotp: (client: Client) => client.run(RemoveTotpDocument),
  regenerateRecoveryCodes: (client: Client) => client.run(RegenerateRecoveryCodesDocument),
  changePassword: (client: Client, user: User) =>
    client.run(ChangePasswordDocument, {
      currentPassword: user.password,
      newPassword: "another passphrase of mine",
    }),
  createAccessToken: (client: Client) =>
    client.run(CreateAccessTokenDocument, { input: { name: "backup", scopes: ["profile:read"] } }),
};

describe("a sensitive act of a user with a second factor", () => {
  test.each(Object.keys(sensitive) as (keyof typeof sensitive)[])(
    "%s asks for the factor, says by which methods, and the password alone is not enough",
    async (name) => {
      const { user, client } = await enrolTotp(app, await newUser());
      await letProofsAge(user);
      const refusal = {
        extensions: { code: "REAUTHENTICATION_REQUIRED", methods: ["TOTP", "RECOVERY_CODE"] },
      };
      expect((await sensitive[name](client, user)).errors).toMatchObject([refusal]);
      const proven = await client.run(ReauthenticateWithDocument, { password: user.password });
      expect(proven.codes).toEqual([]);
      client.token = proven.data?.reauthenticate?.token ?? null;
      expect((await sensitive[name](client, user)).errors).toMatchObject([refusal]);
    },
  );

  test("goes through after the code, and after a recovery code, which give the session a new secret", async () => {
    const { user, client, secret, recoveryCodes } = await enrolTotp(app, await newUser());
    for (const proof of [{ code: codeOf(secret) }, { recoveryCode: recoveryCodes[0] ?? "" }]) {
      await letProofsAge(user);
      const before = client.token;
      const methods = (await client.run(StartReauthenticationDocument)).data?.startReauthentication?.methods;
      expect(methods).toEqual(["TOTP", "RECOVERY_CODE"]);
      const proven = await client.run(ReauthenticateWithDocument, proof);
      expect(proven.codes).toEqual([]);
      client.token = proven.data?.reauthenticate?.token ?? null;
      expect(client.token).not.toBe(before);
      expect((await sensitive.createAccessToken(client)).codes).toEqual([]);
    }
  });

  test("is done without asking in the ten minutes after a login with both steps, and after enrolling", async () => {
    const { user, secret, client } = await enrolTotp(app, await newUser());
    expect((await sensitive.createAccessToken(client)).codes).toEqual([]);
    const other = await logInWithCode(app, user, codeOf(secret));
    expect((await sensitive.regenerateRecoveryCodes(other)).codes).toEqual([]);
  });

  test("is refused in a session from before, which has proven no factor", async () => {
    const user = await newUser();
    const before = new Client(app);
    await before.logIn(user, "TOKEN");
    await enrolTotp(app, user);
    expect((await sensitive.removeTotp(before)).codes).toEqual(["REAUTHENTICATION_REQUIRED"]);
  });
});

test("without a second factor, the password is what a sensitive act asks for", async () => {
  const user = await newUser();
  const client = new Client(app);
  await client.logIn(user);
  await letProofsAge(user);
  expect((await client.run(StartTotpDocument)).errors).toMatchObject([
    { extensions: { code: "REAUTHENTICATION_REQUIRED", methods: ["PASSWORD"] } },
  ]);
  const proven = await client.run(ReauthenticateWithDocument, { password: user.password });
  client.token = proven.data?.reauthenticate?.token ?? null;
  expect((await client.run(StartTotpDocument)).codes).toEqual([]);
});

test("reauthenticate takes exactly one proof, and none of a factor that the user has not", async () => {
  const user = await newUser();
  const client = new Client(app);
  await client.logIn(user);
  const codesOf = async (proofs: object) => (await client.run(ReauthenticateWithDocument, proofs)).codes;
  expect(await codesOf({})).toEqual(["BAD_USER_INPUT"]);
  expect(await codesOf({ password: user.password, code: "123456" })).toEqual(["BAD_USER_INPUT"]);
  expect(await codesOf({ code: "123456" })).toEqual(["INVALID_CREDENTIALS"]);
  expect(await codesOf({ recoveryCode: "abcd-abcd-abcd-abcd" })).toEqual(["INVALID_CREDENTIALS"]);
});

describe("adding a factor", () => {
  test("needs a proven email: who registered with somebody's address cannot lock its owner out", async () => {
    const user = await newUser();
    await app.database
      .updateTable("users")
      .set({ email_verified_at: null })
      .where("id", "=", user.id)
      .execute();
    const client = new Client(app);
    await client.logIn(user);
    expect((await client.run(StartTotpDocument)).errors).toMatchObject([
      { extensions: { code: "BAD_USER_INPUT", fields: [{ rule: "email_unverified" }] } },
    ]);
    // The address became unproven after the start.
    expect((await client.run(ConfirmTotpDocument, { code: "123456" })).codes).toEqual(["BAD_USER_INPUT"]);
  });

  test("is possible for a user whom an operator gave no email", async () => {
    const client = new Client(app);
    await client.logIn(await app.createUser());
    expect((await client.run(StartTotpDocument)).codes).toEqual([]);
  });

  test("is over ten minutes after its start", async () => {
    const user = await newUser();
    const client = new Client(app);
    await client.logIn(user);
    const secret = (await client.run(StartTotpDocument)).data?.startTotp?.secret ?? "";
    await app.database
      .updateTable("totp_factors")
      .set({ pending_until: sql<Date>`now()` })
      .where("user_id", "=", user.id)
      .execute();
    expect((await client.run(ConfirmTotpDocument, { code: codeOf(secret) })).codes).toEqual([
      "INVALID_CREDENTIALS",
    ]);
  });
});

test("without a second factor there are no recovery codes, and they end with the last factor", async () => {
  const { user, client } = await enrolTotp(app, await newUser());
  expect((await client.run(RemoveTotpDocument)).codes).toEqual([]);
  const left = await app.database
    .selectFrom("recovery_codes")
    .select("user_id")
    .where("user_id", "=", user.id)
    .execute();
  expect(left).toEqual([]);
  expect((await client.run(RegenerateRecoveryCodesDocument)).errors).toMatchObject([
    { extensions: { code: "BAD_USER_INPUT", fields: [{ rule: "no_second_factor" }] } },
  ]);
  const other = new Client(app);
  expect((await other.logIn(user)).userId).toBe(user.id);
});

test("an access token and an impersonator can neither see nor change factors and trusted browsers", async () => {
  const user = await newUser();
  const { client: script } = await createScript(app, user, ["profile:read"]);
  await enrolTotp(app, user);
  const administrator = new Client(app);
  await administrator.logIn(await app.createUser({ roles: ["ADMIN"] }));
  const impersonated = await administrator.run(ImpersonateDocument, { userId: user.id });
  const impersonator = new Client(app, { token: impersonated.data?.impersonate?.token ?? "" });
  for (const caller of [script, impersonator])
    for (const ask of [
      ...Object.values(sensitive),
      (client: Client) => client.run(SecondFactorsDocument),
      (client: Client) => client.run(TrustedBrowsersDocument),
      (client: Client) => client.run(RevokeTrustedBrowsersDocument),
      (client: Client) => client.run(StartReauthenticationDocument),
    ])
      expect((await ask(caller, user)).codes).toEqual(["FORBIDDEN"]);
});
