import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Client } from "../../harness/client.ts";
import { secretIn } from "../../harness/mail/inbox.ts";
import { readOutbox, until } from "../../harness/mail/mail.ts";
import { type App, startApp, type User } from "../../harness/server.ts";
import { beginLogin, codeOf, enrolTotp, logInWithCode } from "../../harness/sign-in/second-factors.ts";
import {
  CompleteLoginDocument,
  LogInDocument,
  RequestPasswordResetDocument,
  ResetPasswordDocument,
  ViewerDocument,
} from "../../operations/generated/graphql.ts";

const [old, next] = [randomBytes(32).toString("hex"), randomBytes(32).toString("hex")];
const wrong = "not the right password";

let before: App;
let user: User & { email: string };
let jar: Client;
const started: App[] = [];
beforeEach(async () => {
  before = await startApp({ SESSION_SECRET: old });
  started.push(before);
  user = { ...(await before.createUser({ email: "grace@example.org" })), email: "grace@example.org" };
  jar = new Client(before);
  await jar.logIn(user);
});
afterEach(async () => {
  for (const app of started.splice(0).reverse()) await app.close();
});

/** A server that is started anew on the same database. */
const restart = async (secrets: string, environment: NodeJS.ProcessEnv = {}): Promise<App> => {
  const app = await startApp({
    SESSION_SECRET: secrets,
    DATABASE_URL: before.config.databaseUrl ?? "",
    ...environment,
  });
  started.push(app);
  return app;
};
const onServer = (app: App, parts: Partial<Pick<Client, "cookies" | "deviceCookies" | "token">>) =>
  new Client(app, parts);
const isViewer = async (client: Client) => Boolean((await client.run(ViewerDocument)).data?.viewer);
const linkFrom = async (app: App) =>
  secretIn(await until(async () => (await readOutbox(app.config.dataDir)).at(-1)));
const askForLink = (app: App) => new Client(app).run(RequestPasswordResetDocument, { email: user.email });

describe("SESSION_SECRET is rotated without logging anyone out:", () => {
  test("session cookies of the old secret hold while it is listed, and not once it is gone", async () => {
    const { cookies } = jar;
    expect(await isViewer(onServer(await restart(`${next},${old}`), { cookies }))).toBe(true);
    expect(
      await isViewer(onServer(await restart(`${next},${randomBytes(32).toString("hex")}`), { cookies })),
    ).toBe(false);
    expect(await isViewer(onServer(await restart(next), { cookies }))).toBe(false);
  });

  test("new session cookies are signed with the first secret, so that the others can go", async () => {
    const fresh = new Client(await restart(`${next},${old}`));
    await fresh.logIn(user, "SESSION");
    const { cookies } = fresh;
    expect(await isViewer(onServer(await restart(next), { cookies }))).toBe(true);
    expect(await isViewer(onServer(await restart(old), { cookies }))).toBe(false);
  });

  test("tokens need no secret", async () => {
    const { token } = jar;
    expect(await isViewer(onServer(await restart(next), { token }))).toBe(true);
  });

  test("links that were mailed hold, whatever the secret is now", async () => {
    await askForLink(before);
    const token = await linkFrom(before);
    const after = await restart(next);
    const reset = await new Client(after).run(ResetPasswordDocument, {
      token,
      newPassword: "seven herons on the weir",
    });
    expect(reset.codes).toEqual([]);
  });

  test("an authenticator app goes on while the old secret is listed, and without it once its next code was accepted", async () => {
    const { secret } = await enrolTotp(before, user);
    const sealed = async () =>
      (await before.database.selectFrom("totp_factors").select("sealed_secret").executeTakeFirstOrThrow())
        .sealed_secret;
    const first = await sealed();
    const both = await restart(`${next},${old}`);
    await logInWithCode(both, user, codeOf(secret));
    expect(await sealed()).not.toEqual(first);
    const again = await sealed();
    const last = await restart(next);
    await logInWithCode(last, user, codeOf(secret, { steps: 1 }));
    // Sealed once, not at every use.
    expect(await sealed()).toEqual(again);
  });

  test("without the secret that sealed it, right codes are wrong codes, and a recovery code opens the account", async () => {
    const { secret, recoveryCodes } = await enrolTotp(before, user);
    const app = await restart(next);
    const { client, challenge, pendingToken } = await beginLogin(app, user);
    expect(challenge.methods).toEqual(["TOTP", "RECOVERY_CODE"]);
    const complete = (proof: { readonly code?: string; readonly recoveryCode?: string | undefined }) =>
      client.run(CompleteLoginDocument, { pendingToken, ...proof });
    expect((await complete({ code: codeOf(secret) })).codes).toEqual(["INVALID_CREDENTIALS"]);
    expect((await complete({ recoveryCode: recoveryCodes[0] })).codes).toEqual([]);
    expect(await isViewer(client)).toBe(true);
    // Nothing was lost: with the old secret listed again, the app's codes are right.
    await logInWithCode(await restart(`${next},${old}`), user, codeOf(secret));
  });

  test("device cookies of the old secret keep their budget while it is listed, and new ones are signed with the first", async () => {
    const limits = { RATE_LIMITS: "login.account=1/15m,login.device=9/15m" };
    const { deviceCookies } = jar;
    const spend = async (app: App) => {
      for (let count = 0; count < 2; count += 1)
        await new Client(app).run(LogInDocument, { ...user, password: wrong });
    };
    const codesOf = async (app: App, cookies: Map<string, string>) =>
      (await onServer(app, { deviceCookies: cookies }).run(LogInDocument, user)).codes;
    const after = await restart(`${next},${old}`, limits);
    await spend(after);
    expect((await new Client(after).run(LogInDocument, user)).codes).toEqual(["RATE_LIMITED"]);
    expect(await codesOf(after, deviceCookies)).toEqual([]);
    expect(await codesOf(after, new Map())).toEqual(["RATE_LIMITED"]);

    const other = await before.createUser();
    const fresh = new Client(after);
    await fresh.logIn(other);
    const last = await restart(next, limits);
    await spend(last);
    expect(await codesOf(last, deviceCookies)).toEqual(["RATE_LIMITED"]);
    for (let count = 0; count < 2; count += 1)
      await new Client(last).run(LogInDocument, { ...other, password: wrong });
    const again = onServer(last, { deviceCookies: fresh.deviceCookies });
    expect((await again.run(LogInDocument, other)).codes).toEqual([]);
  });
});
