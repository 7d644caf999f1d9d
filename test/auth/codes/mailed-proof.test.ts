import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client } from "../../harness/client.ts";
import { type App, startApp } from "../../harness/server.ts";
import { mailedCodes, nextCode, requestCode } from "../../harness/sign-in/mailed-codes.ts";
import {
  LogInWithCodeDocument,
  ReauthenticateWithDocument,
  StartReauthenticationDocument,
  StartTotpDocument,
} from "../../operations/generated/graphql.ts";

// A user with neither a password nor a second factor proves the mailbox for a sensitive act.

let app: App;
beforeAll(async () => {
  app = await startApp({ LOGIN_CODES: "on" });
});
afterAll(() => app.close());

/** Logged in by a code, a quarter of an hour ago. */
const logInByMail = async () => {
  const user = await app.createUser({ email: `${crypto.randomUUID()}@example.org` });
  await app.database.updateTable("users").set({ password_hash: null }).where("id", "=", user.id).execute();
  const { client, pendingToken } = await requestCode(app, user.email);
  const code = await nextCode(app, user.email);
  const { data } = await client.run(LogInWithCodeDocument, { pendingToken, code });
  client.token = data?.loginWithCode?.token ?? null;
  await age(user.id);
  return { user, client };
};
const age = (userId: string) =>
  app.database
    .updateTable("sessions")
    .set({ authenticated_at: sql<Date>`now() - interval '15 minutes'` })
    .where("user_id", "=", userId)
    .execute();
const start = async (client: Client) =>
  (await client.run(StartReauthenticationDocument)).data?.startReauthentication?.methods;
const prove = async (client: Client, code: string) => {
  const answer = await client.run(ReauthenticateWithDocument, { code });
  if (answer.data?.reauthenticate?.token) client.token = answer.data.reauthenticate.token;
  return answer;
};
const isRecent = async (client: Client) =>
  (await client.run(StartTotpDocument)).errors[0]?.extensions ?? null;

describe("a user with nothing but a mailbox", () => {
  test("is told to prove it, gets a code, and then does what is sensitive", async () => {
    const { user, client } = await logInByMail();
    expect(await isRecent(client)).toMatchObject({
      code: "REAUTHENTICATION_REQUIRED",
      methods: ["EMAIL_CODE"],
    });
    expect(await start(client)).toEqual(["EMAIL_CODE"]);
    const code = await nextCode(app, user.email, { count: 2 });
    expect((await prove(client, code.toLowerCase())).codes).toEqual([]);
    expect(await isRecent(client)).toBeNull();
    expect((await prove(client, code)).codes).toEqual(["INVALID_CREDENTIALS"]);
  });

  test("proves nothing with another session's code, a login's code, an older code, or one that has expired", async () => {
    const { user, client } = await logInByMail();
    const second = await requestCode(app, user.email);
    const login = await nextCode(app, user.email, { count: 2 });
    await second.client.run(LogInWithCodeDocument, { pendingToken: second.pendingToken, code: login });
    await start(second.client);
    const ofSecond = await nextCode(app, user.email, { count: 3 });
    // Before the session asks for its own, which could end that of the other.
    expect((await prove(client, ofSecond)).codes).toEqual(["INVALID_CREDENTIALS"]);
    const { pendingToken, client: asking } = await requestCode(app, user.email);
    const ofLogin = await nextCode(app, user.email, { count: 4 });
    await start(client);
    const older = await nextCode(app, user.email, { count: 5 });
    await start(client);
    const newest = await nextCode(app, user.email, { count: 6 });
    for (const code of [ofLogin, older])
      expect((await prove(client, code)).codes).toEqual(["INVALID_CREDENTIALS"]);
    // Nor does a code of the session log anybody in.
    const foreign = { pendingToken, code: newest, mode: "TOKEN" as const };
    expect((await asking.run(LogInWithCodeDocument, foreign)).codes).toEqual(["INVALID_CREDENTIALS"]);
    await app.database
      .updateTable("proof_challenges")
      .set({ expires_at: sql<Date>`now()` })
      .where("user_id", "=", user.id)
      .execute();
    expect((await prove(client, newest)).codes).toEqual(["INVALID_CREDENTIALS"]);
  });

  test("has five tries for a code, also at the same moment", async () => {
    const { user, client } = await logInByMail();
    await start(client);
    const code = await nextCode(app, user.email, { count: 2 });
    await Promise.all(Array.from({ length: 5 }, () => prove(client, "AAAA-AAAA")));
    expect((await prove(client, code)).codes).toEqual(["INVALID_CREDENTIALS"]);
  });

  test("proves nothing by a code to an email that has changed since", async () => {
    const { user, client } = await logInByMail();
    await start(client);
    const code = await nextCode(app, user.email, { count: 2 });
    const canonical = `next-${user.email}`;
    await app.database
      .updateTable("users")
      .set({ email: canonical, canonical_email: canonical })
      .where("id", "=", user.id)
      .execute();
    expect((await prove(client, code)).codes).toEqual(["INVALID_CREDENTIALS"]);
  });
});

test("a user with a password gets no code, and a code that was mailed before there was one does not stand in for it", async () => {
  const user = await app.createUser({ email: `${crypto.randomUUID()}@example.org` });
  const logged = new Client(app);
  await logged.logIn(user);
  expect(await start(logged)).toEqual(["PASSWORD"]);
  expect(await mailedCodes(app, user.email)).toEqual([]);

  const { user: other, client } = await logInByMail();
  await start(client);
  const code = await nextCode(app, other.email, { count: 2 });
  await app.database
    .updateTable("users")
    .set({ password_hash: "a hash" })
    .where("id", "=", other.id)
    .execute();
  expect((await prove(client, code)).codes).toEqual(["INVALID_CREDENTIALS"]);
});
