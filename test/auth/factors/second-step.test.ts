import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client } from "../../harness/client.ts";
import { type App, startTwoServers } from "../../harness/server.ts";
import { beginLogin, codeOf, enrolTotp, logInWithCode } from "../../harness/sign-in/second-factors.ts";
import {
  ChangePasswordDocument,
  CompleteLoginDocument,
  DeactivateUserDocument,
  LogInDocument,
  LogOutDocument,
  LogOutEverywhereDocument,
  PrivateDocument,
  ReauthenticateWithDocument,
} from "../../operations/generated/graphql.ts";

// Two servers on one database.
let app: App;
let there: App;
let administrator: Client;

beforeAll(async () => {
  ({ here: app, there } = await startTwoServers({ RATE_LIMITS: "login.ip=1000/1s,secret.ip=1000/1s" }));
  administrator = new Client(app);
  await administrator.logIn(await app.createUser({ roles: ["ADMIN"] }), "TOKEN");
});
afterAll(() => app.close());

const newUser = () => app.createUser({ email: `${crypto.randomUUID()}@example.org` });
const wrong = "000000";
const complete = async (client: Client, pendingToken: string, code: string) =>
  (await client.run(CompleteLoginDocument, { pendingToken, code })).codes;
const isLoggedIn = async (client: Client) => (await client.run(PrivateDocument)).codes.length === 0;

describe("a pending token", () => {
  test("opens nothing but completeLogin: as a credential it is refused", async () => {
    const { user } = await enrolTotp(app, await newUser());
    const { pendingToken } = await beginLogin(app, user);
    for (const authorization of [`Bearer ${pendingToken}`, `Token ${pendingToken}`]) {
      const answer = await new Client(app).post('{"query":"{ private { message } }"}', { authorization });
      expect([answer.status, answer.codes]).toEqual([401, ["UNAUTHENTICATED"]]);
    }
  });

  test("is worth nothing in another browser, and is completed on another server", async () => {
    const { user, secret } = await enrolTotp(app, await newUser());
    const { client, pendingToken } = await beginLogin(app, user);
    expect(await complete(new Client(app), pendingToken, codeOf(secret))).toEqual(["INVALID_TOKEN"]);
    const { client: other } = await beginLogin(app, user);
    expect(await complete(other, pendingToken, codeOf(secret))).toEqual(["INVALID_TOKEN"]);
    const elsewhere = new Client(there, { cookies: client.cookies });
    expect(await complete(elsewhere, pendingToken, codeOf(secret))).toEqual([]);
  });

  test("needs no cookie in an app, which asked for a token only, and gives no cookie there", async () => {
    const { user, secret } = await enrolTotp(app, await newUser());
    const { pendingToken } = await beginLogin(app, user, { mode: "TOKEN" });
    const phone = new Client(app);
    const answer = await phone.run(CompleteLoginDocument, { pendingToken, code: codeOf(secret) });
    expect(answer.data?.completeLogin?.token).toMatch(/^gws_/);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  test("logs in once, also when two right proofs come at once", async () => {
    const { user, secret, recoveryCodes } = await enrolTotp(app, await newUser());
    const { client, pendingToken } = await beginLogin(app, user);
    const [recoveryCode = ""] = recoveryCodes;
    const answers = await Promise.all([
      client.run(CompleteLoginDocument, { pendingToken, code: codeOf(secret) }),
      client.run(CompleteLoginDocument, { pendingToken, recoveryCode }),
    ]);
    expect(answers.map(({ codes }) => codes.join()).sort()).toEqual(["", "INVALID_TOKEN"]);
    expect(await complete(client, pendingToken, codeOf(secret, { steps: 1 }))).toEqual(["INVALID_TOKEN"]);
  });

  test("is over after ten minutes", async () => {
    const { user, secret } = await enrolTotp(app, await newUser());
    const { client, challenge, pendingToken } = await beginLogin(app, user);
    const left = Date.parse(String(challenge.expiresAt)) - Date.now();
    expect(Math.round(left / 60_000)).toBe(10);
    await app.database
      .updateTable("proof_challenges")
      .set({ expires_at: sql<Date>`now()` })
      .where("user_id", "=", user.id)
      .execute();
    expect(await complete(client, pendingToken, codeOf(secret))).toEqual(["INVALID_TOKEN"]);
  });

  test.each([
    ["", "gwp_", "gws_", "gwp_x"],
    ["\u0000", "💥".repeat(40), "gwp_".padEnd(53, "0"), "x".repeat(5000)],
  ])("that is malformed is refused like one that is over: %j", async (...tokens) => {
    for (const token of tokens) {
      const codes = await complete(new Client(app), token, "123456");
      expect(codes).toEqual([token.includes("\u0000") ? "BAD_USER_INPUT" : "INVALID_TOKEN"]);
    }
  });
});

describe("between the two steps", () => {
  const ends: Record<string, (asked: { client: Client; session: Client }) => Promise<unknown>> = {
    "a logout in this browser": async ({ client, session }) => {
      // The browser still has the session of an earlier login.
      for (const [name, value] of session.cookies) client.cookies.set(name, value);
      return client.run(LogOutDocument);
    },
    "a logout everywhere": ({ session }) => session.run(LogOutEverywhereDocument),
  };
  test.each(Object.keys(ends))("%s ends the login that waits", async (name) => {
    const { user, secret, client: session } = await enrolTotp(app, await newUser());
    const { client, pendingToken } = await beginLogin(app, user);
    const pending = new Map(client.cookies);
    await ends[name]?.({ client, session: new Client(app, { cookies: session.cookies }) });
    expect(await complete(new Client(app, { cookies: pending }), pendingToken, codeOf(secret))).toEqual([
      "INVALID_TOKEN",
    ]);
  });

  test("a new password ends it", async () => {
    const { user, secret, client: session } = await enrolTotp(app, await newUser());
    const { client, pendingToken } = await beginLogin(app, user);
    const newPassword = "another passphrase of mine";
    const changed = await session.run(ChangePasswordDocument, {
      currentPassword: user.password,
      newPassword,
    });
    expect(changed.codes).toEqual([]);
    expect(await complete(client, pendingToken, codeOf(secret))).toEqual(["INVALID_TOKEN"]);
  });

  test("a new password ends it though the row of the login is still there", async () => {
    const { user, secret } = await enrolTotp(app, await newUser());
    const { client, pendingToken } = await beginLogin(app, user);
    // What a change of the password does to the generation, without what it deletes.
    await app.database
      .updateTable("users")
      .set({ device_generation: sql<number>`device_generation + 1` })
      .where("id", "=", user.id)
      .execute();
    expect(await complete(client, pendingToken, codeOf(secret))).toEqual(["INVALID_CREDENTIALS"]);
    expect(await isLoggedIn(client)).toBe(false);
  });

  test("a deactivation ends it", async () => {
    const { user, secret } = await enrolTotp(app, await newUser());
    const { client, pendingToken } = await beginLogin(app, user);
    expect((await administrator.run(DeactivateUserDocument, { id: user.id })).codes).toEqual([]);
    expect(await complete(client, pendingToken, codeOf(secret))).toEqual(["INVALID_TOKEN"]);
  });
});

describe("a wrong proof", () => {
  test("is answered alike for a factor that the user has and for one that the user has not", async () => {
    const { user } = await enrolTotp(app, await newUser());
    await app.database.deleteFrom("recovery_codes").where("user_id", "=", user.id).execute();
    const { client, pendingToken } = await beginLogin(app, user);
    const answers = [
      await client.run(CompleteLoginDocument, { pendingToken, code: wrong }),
      await client.run(CompleteLoginDocument, { pendingToken, code: "" }),
      await client.run(CompleteLoginDocument, { pendingToken, recoveryCode: "abcd-efgh-jkmn-pqrs" }),
    ];
    const texts = answers.map(({ errors }) => JSON.stringify(errors));
    expect(answers[0]?.codes).toEqual(["INVALID_CREDENTIALS"]);
    expect(new Set(texts).size).toBe(1);
  });

  test("is one of five: then the login begins again, also when they come at once", async () => {
    const { user, secret } = await enrolTotp(app, await newUser());
    const { client, pendingToken } = await beginLogin(app, user);
    const answers = await Promise.all(Array.from({ length: 8 }, () => complete(client, pendingToken, wrong)));
    const counts = (code: string) => answers.filter((codes) => codes[0] === code).length;
    expect([counts("INVALID_CREDENTIALS"), counts("INVALID_TOKEN")]).toEqual([5, 3]);
    expect(await complete(client, pendingToken, codeOf(secret))).toEqual(["INVALID_TOKEN"]);
    await logInWithCode(app, user, codeOf(secret));
  });

  test("is one of ten of the user in all logins, then a right one waits too, and nobody else does", async () => {
    const { user, secret } = await enrolTotp(app, await newUser());
    const neighbour = await enrolTotp(app, await newUser());
    for (let login = 0; login < 2; login++) {
      const { client, pendingToken } = await beginLogin(app, user);
      for (let guess = 0; guess < 5; guess++)
        expect(await complete(client, pendingToken, wrong)).toEqual(["INVALID_CREDENTIALS"]);
    }
    const { client, pendingToken } = await beginLogin(app, user);
    const answer = await client.run(CompleteLoginDocument, { pendingToken, code: codeOf(secret) });
    expect([answer.status, answer.codes]).toEqual([429, ["RATE_LIMITED"]]);
    await logInWithCode(app, neighbour.user, codeOf(neighbour.secret));
    // The neighbour's success has given nothing back.
    const again = await beginLogin(app, user);
    expect(await complete(again.client, again.pendingToken, codeOf(secret))).toEqual(["RATE_LIMITED"]);
  });

  test("costs the budget, a right one does not: a user may log in all day", async () => {
    const { user, secret } = await enrolTotp(app, await newUser());
    for (let login = 0; login < 12; login++) {
      await app.database
        .updateTable("totp_factors")
        .set({ last_step: 0 })
        .where("user_id", "=", user.id)
        .execute();
      await logInWithCode(app, user, codeOf(secret));
    }
  });

  test("is no weapon without the password: a stranger's attempts never reach the second step", async () => {
    const { user, secret } = await enrolTotp(app, await newUser());
    for (let guess = 0; guess < 3; guess++)
      await new Client(app).run(LogInDocument, { ...user, password: "a password that nobody has" });
    for (let guess = 0; guess < 20; guess++) await complete(new Client(app), "gwp_".padEnd(53, "0"), wrong);
    await logInWithCode(app, user, codeOf(secret));
  });

  test("is no weapon of a stolen session: its attempts are counted apart", async () => {
    const { user, secret, client: session } = await enrolTotp(app, await newUser());
    for (let guess = 0; guess < 11; guess++) await session.run(ReauthenticateWithDocument, { code: wrong });
    await logInWithCode(app, user, codeOf(secret));
  });

  test("is recorded as a failed login, and does not log in", async () => {
    const { user } = await enrolTotp(app, await newUser());
    const { client, pendingToken } = await beginLogin(app, user);
    await complete(client, pendingToken, wrong);
    await expect
      .poll(() =>
        app.database
          .selectFrom("audit_events")
          .select("details")
          .where("user_id", "=", user.id)
          .where("type", "=", "LOGIN_FAILED")
          .execute(),
      )
      .toEqual([{ details: { reason: "WRONG_SECOND_FACTOR" } }]);
    expect(await isLoggedIn(client)).toBe(false);
  });
});

test("exactly one proof is taken: none and two are bad input, and spend nothing", async () => {
  const { user, secret, recoveryCodes } = await enrolTotp(app, await newUser());
  const { client, pendingToken } = await beginLogin(app, user);
  const [recoveryCode = ""] = recoveryCodes;
  for (const proofs of [{}, { code: codeOf(secret), recoveryCode }])
    expect((await client.run(CompleteLoginDocument, { pendingToken, ...proofs })).codes).toEqual([
      "BAD_USER_INPUT",
    ]);
  expect(await complete(client, pendingToken, codeOf(secret))).toEqual([]);
});
