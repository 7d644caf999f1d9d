import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildGuardedSchema } from "../../../src/schema/build.ts";
import { Client } from "../../harness/client.ts";
import { rootFieldsOf } from "../../harness/root-fields.ts";
import { type App, startTwoServers } from "../../harness/server.ts";
import { createScript } from "../../harness/sign-in/access-token.ts";
import { codeOf, enrolTotp, logInWithCode } from "../../harness/sign-in/second-factors.ts";
import {
  ImpersonateDocument,
  LogInDocument,
  LogOutDocument,
  PrivateDocument,
  PublicDocument,
  ReauthenticateWithDocument,
  SecondFactorsDocument,
  ViewerDocument,
} from "../../operations/generated/graphql.ts";

let app: App;
let there: App;

beforeAll(async () => {
  ({ here: app, there } = await startTwoServers({ SECOND_FACTOR: "EDITOR, ADMIN" }));
});
afterAll(() => app.close());

const newUser = (...roles: string[]) =>
  app.createUser({ email: `${crypto.randomUUID()}@example.org`, roles });

const logIn = async (user: { username: string; password: string }, on: App = app) => {
  const client = new Client(on);
  await client.logIn(user, "TOKEN");
  return client;
};

describe("a user whose role must have a second factor, and who has none", () => {
  test("is logged in, may add one and log out, and nothing else that is private", async () => {
    const client = await logIn(await newUser("EDITOR"));
    expect((await client.run(PublicDocument)).codes).toEqual([]);
    expect((await client.run(ViewerDocument)).data?.viewer).not.toBeNull();
    expect((await client.run(SecondFactorsDocument)).data?.secondFactors).toMatchObject({
      required: true,
      totp: null,
    });
    expect((await client.run(PrivateDocument)).errors).toMatchObject([
      {
        message: "Please add a second factor to your account first.",
        extensions: { code: "SECOND_FACTOR_REQUIRED" },
      },
    ]);
    expect((await client.run(LogOutDocument)).codes).toEqual([]);
  });

  test("is refused by every private root field, but for those that say otherwise", async () => {
    const { schema, rules } = buildGuardedSchema();
    const user = await newUser("ADMIN");
    const answered: string[] = [];
    for (const { coordinate, document } of rootFieldsOf(schema)) {
      if (rules.open.has(coordinate)) continue;
      const client = await logIn(user);
      const { codes } = await client.run(document);
      if (codes[0] !== "SECOND_FACTOR_REQUIRED") answered.push(coordinate);
    }
    expect(answered.sort()).toEqual([...rules.unenrolled].sort());
  });

  test("may do everything as soon as there is one, in the same session", async () => {
    const user = await newUser("EDITOR");
    const { client, secret } = await enrolTotp(app, user);
    expect((await client.run(PrivateDocument)).codes).toEqual([]);
    const again = await logInWithCode(app, user, codeOf(secret), { trustBrowser: true });
    expect((await again.run(PrivateDocument)).codes).toEqual([]);
    const trusted = new Client(app, { deviceCookies: again.deviceCookies });
    await trusted.logIn(user);
    expect((await trusted.run(PrivateDocument)).codes).toEqual([]);
  });

  test("lifts no session that has not proven it: one that a stolen password began before is asked first", async () => {
    const user = await newUser("EDITOR");
    const thief = await logIn(user, there);
    expect((await thief.run(PrivateDocument)).codes).toEqual(["SECOND_FACTOR_REQUIRED"]);
    const { secret } = await enrolTotp(app, user);
    await expect
      .poll(async () => (await thief.run(PrivateDocument)).codes)
      .toEqual(["REAUTHENTICATION_REQUIRED"]);
    const proven = await thief.run(ReauthenticateWithDocument, { code: codeOf(secret) });
    thief.token = proven.data?.reauthenticate?.token ?? null;
    expect((await thief.run(PrivateDocument)).codes).toEqual([]);
  });

  test("whose email is unverified may verify it or change it first", async () => {
    const user = await newUser("EDITOR");
    await app.database
      .updateTable("users")
      .set({ email_verified_at: null })
      .where("id", "=", user.id)
      .execute();
    const client = await logIn(user);
    expect((await client.run("mutation { resendVerification { message } }")).codes).toEqual([]);
    expect((await client.run(`mutation { changeEmail(email: "x${user.email}") { message } }`)).codes).toEqual(
      [],
    );
  });

  test("has no access token that does what the user may not", async () => {
    const user = await newUser();
    const { client: script } = await createScript(app, user, ["sessions:read"]);
    expect((await script.run("{ sessions { id } }")).codes).toEqual([]);
    await app.database
      .updateTable("users")
      .set({ roles: ["EDITOR"] })
      .where("id", "=", user.id)
      .execute();
    await expect
      .poll(async () => (await script.run("{ sessions { id } }")).codes)
      .toEqual(["SECOND_FACTOR_REQUIRED"]);
  });

  test("sees that in the schema, too: introspection shows what there is to use", async () => {
    const client = await logIn(await newUser("EDITOR"));
    const answer = await client.run<{ __schema: { mutationType: { fields: { name: string }[] } } }>(
      "{ __schema { mutationType { fields { name } } } }",
    );
    const names = answer.data?.__schema.mutationType.fields.map(({ name }) => name) ?? [];
    expect(names).toEqual(expect.arrayContaining(["startTotp", "confirmTotp", "logout", "login"]));
    expect(names).not.toEqual(expect.arrayContaining(["createAccessToken"]));
  });
});

test("a user without such a role is asked for nothing", async () => {
  const client = await logIn(await newUser("AUTHOR"));
  expect((await client.run(PrivateDocument)).codes).toEqual([]);
  expect((await client.run(SecondFactorsDocument)).data?.secondFactors?.required).toBe(false);
});

test("an impersonator sees what the user would see: the user's missing factor is not the impersonator's", async () => {
  const administrator = await enrolTotp(app, await newUser("ADMIN"));
  const user = await newUser("EDITOR");
  const { data } = await administrator.client.run(ImpersonateDocument, { userId: user.id });
  const impersonator = new Client(app, { token: data?.impersonate?.token ?? "" });
  expect((await impersonator.run(PrivateDocument)).codes).toEqual([]);
});

describe("settings", () => {
  test("SECOND_FACTOR=required asks everybody", async () => {
    const { here } = await startTwoServers({ SECOND_FACTOR: "required" });
    try {
      const client = new Client(here);
      await client.logIn(await here.createUser());
      expect((await client.run(PrivateDocument)).codes).toEqual(["SECOND_FACTOR_REQUIRED"]);
    } finally {
      await here.close();
    }
  });

  test("PASSWORD_LOGIN=off refuses every password alike, and loginMethods says so", async () => {
    const { here } = await startTwoServers({ PASSWORD_LOGIN: "off" });
    try {
      const user = await here.createUser();
      for (const password of [user.password, "a password that nobody has"])
        expect((await new Client(here).run(LogInDocument, { ...user, password })).codes).toEqual([
          "FORBIDDEN",
        ]);
      const { data } = await new Client(here).run("{ loginMethods { password registration } }");
      expect(data).toEqual({ loginMethods: { password: false, registration: true } });
    } finally {
      await here.close();
    }
  });
});
