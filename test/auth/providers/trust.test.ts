import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client } from "../../harness/client.ts";
import { untilBlocked } from "../../harness/database/database-locks.ts";
import { messagesTo } from "../../harness/mail/inbox.ts";
import { until } from "../../harness/mail/mail.ts";
import { type ProviderApp, startProviderApp } from "../../harness/providers/app.ts";
import { newPerson } from "../../harness/providers/honest.ts";
import { enrolTotp } from "../../harness/sign-in/second-factors.ts";
import { IdentitiesDocument, PrivateDocument } from "../../operations/generated/graphql.ts";

// A provider that the operator trusts to know emails and factors, on a server where nobody may register.

let app: ProviderApp;

beforeAll(async () => {
  app = await startProviderApp(
    { trustEmail: true, acrValues: ["gold"], trustsFactor: ["gold"] },
    { REGISTRATION: "closed" },
  );
});
afterAll(() => app.close());

const newEmail = () => `${crypto.randomUUID()}@example.org`;

const identitiesOf = (subject: string) =>
  app.database.selectFrom("identities").select("user_id").where("subject", "=", subject).execute();

test("somebody new finds the door closed where nobody may register", async () => {
  const person = newPerson({ email: newEmail(), email_verified: true });
  const { status, text } = await app.logIn(person);
  expect([status, text.includes("There is no account for you yet")]).toEqual([403, true]);
  expect(await identitiesOf(person.sub)).toEqual([]);
});

describe("an email that the provider has verified", () => {
  test("links the account whose owner has proven it, and tells the owner", async () => {
    const user = await app.createUser({ email: newEmail() });
    const person = newPerson({ email: user.email, email_verified: true });
    const { url, browser } = await app.logIn(person);
    expect(url.pathname).toBe("/there");
    expect((await browser.clientOf(app).run(IdentitiesDocument)).data?.identities).toHaveLength(1);
    expect(await identitiesOf(person.sub)).toEqual([{ user_id: user.id }]);
    // The password goes on.
    await new Client(app).logIn(user);
    await until(() => messagesTo(app.mail.received, user.email, /can be opened with/).length === 1);
  });

  test.each([false, undefined, "true", "false"])("does not when it says %j", async (verified) => {
    const user = await app.createUser({ email: newEmail() });
    const person = newPerson({ email: user.email, email_verified: verified });
    expect((await app.logIn(person)).status).toBe(403);
    expect(await identitiesOf(person.sub)).toEqual([]);
  });

  test("takes an account that nobody has proven from its maker: password, sessions and factors end", async () => {
    const user = await app.createUser({ email: newEmail() });
    const { client: stranger } = await enrolTotp(app, user);
    await app.database
      .updateTable("users")
      .set({ email_verified_at: null })
      .where("id", "=", user.id)
      .execute();
    const person = newPerson({ email: user.email, email_verified: true });
    const { url, browser } = await app.logIn(person);
    expect(url.pathname).toBe("/there");
    expect((await browser.clientOf(app).run(PrivateDocument)).codes).toEqual([]);
    expect((await stranger.run(PrivateDocument)).codes).toEqual(["UNAUTHENTICATED"]);
    await expect(new Client(app).logIn(user)).rejects.toThrow("INVALID_CREDENTIALS");
    expect(await identitiesOf(person.sub)).toEqual([{ user_id: user.id }]);
    expect(
      await app.database
        .selectFrom("totp_factors")
        .select("user_id")
        .where("user_id", "=", user.id)
        .execute(),
    ).toEqual([]);
  });

  test("does not open the account of a deactivated user", async () => {
    const user = await app.createUser({ email: newEmail() });
    await app.database.updateTable("users").set({ is_active: false }).where("id", "=", user.id).execute();
    const person = newPerson({ email: user.email, email_verified: true });
    expect((await app.logIn(person)).status).toBe(409);
    expect(await identitiesOf(person.sub)).toEqual([]);
  });
});

test("an account whose maker has moved it to another email meanwhile stays its maker's, and opens to nobody else", async () => {
  const [email, other] = [newEmail(), newEmail()];
  const user = await app.createUser({ email });
  const change = app.database.updateTable("users").where("id", "=", user.id);
  await change.set({ email_verified_at: null }).execute();
  const person = newPerson({ email, email_verified: true });
  const login = await app.database.transaction().execute(async (transaction) => {
    const moved = { email: other, canonical_email: other, email_verified_at: new Date() };
    await transaction.updateTable("users").set(moved).where("id", "=", user.id).execute();
    // It has found the account by the old email, and waits for our row lock.
    const login = app.logIn(person);
    await untilBlocked(app);
    return { login };
  });
  expect((await login.login).status).toBe(403);
  expect(await identitiesOf(person.sub)).toEqual([]);
});

test("an account that another provider's word has opened is not linked silently", async () => {
  const user = await app.createUser({ email: newEmail() });
  const id = crypto.randomUUID();
  const foreign = {
    id,
    user_id: user.id,
    provider: "elsewhere",
    issuer: "https://elsewhere.example",
    subject: id,
  };
  await app.database.insertInto("identities").values(foreign).execute();
  const person = newPerson({ email: user.email, email_verified: true });
  const { status, text } = await app.logIn(person);
  expect([status, text.includes("You have an account already")]).toEqual([409, true]);
  expect(await identitiesOf(person.sub)).toEqual([]);
});

test("a second factor of the provider spares ours when the operator has said that it counts, and no other does", async () => {
  const user = await app.createUser({ email: newEmail() });
  await enrolTotp(app, user);
  const person = newPerson({ email: user.email, email_verified: true });
  const paths = [];
  for (const acr of ["gold", "silver"]) {
    app.provider.proves = { acr };
    paths.push((await app.logIn(person)).url.pathname);
  }
  app.provider.proves = {};
  expect(paths).toEqual(["/there", "/account/complete"]);
});
