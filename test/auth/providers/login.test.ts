import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ProviderApp, startProviderApp } from "../../harness/providers/app.ts";
import { Browser } from "../../harness/providers/browser.ts";
import { newPerson } from "../../harness/providers/honest.ts";
import { codeOf, enrolTotp } from "../../harness/sign-in/second-factors.ts";
import {
  CompleteLoginDocument,
  IdentitiesDocument,
  LoginProvidersDocument,
  PrivateDocument,
  ProfileDocument,
} from "../../operations/generated/graphql.ts";

let app: ProviderApp;

beforeAll(async () => {
  app = await startProviderApp();
});
afterAll(() => app.close());

const newEmail = () => `${crypto.randomUUID()}@example.org`;

const userOf = async (subject: string) => {
  const user = await app.database
    .selectFrom("identities")
    .innerJoin("users", "users.id", "identities.user_id")
    .selectAll("users")
    .select("identities.last_used_at as lastUsedAt")
    .where("subject", "=", subject)
    .executeTakeFirst();
  return user ?? null;
};

describe("a new person", () => {
  test("gets an account with a name, a language and the proven email of the provider, and is led back", async () => {
    const email = newEmail();
    const username = `grace-${crypto.randomUUID().slice(0, 8)}`;
    const profile = { preferred_username: username, name: "Grace Hopper", locale: "de_DE" };
    const person = newPerson({ ...profile, email, email_verified: true });
    const { url, browser, status } = await app.logIn(person);
    expect([status, url.href]).toEqual([303, `${app.origin}/there?x=1#y`]);
    const client = browser.clientOf(app);
    expect((await client.run(PrivateDocument)).codes).toEqual([]);
    expect((await client.run(ProfileDocument)).data?.viewer).toMatchObject({
      displayName: "Grace Hopper",
      locale: "de-DE",
    });
    expect(await userOf(person.sub)).toMatchObject({ username, email, password_hash: null });
    expect((await userOf(person.sub))?.email_verified_at).toBeInstanceOf(Date);
    const identities = (await client.run(IdentitiesDocument)).data?.identities;
    expect(identities).toEqual([expect.objectContaining({ provider: "honest", email })]);
    expect(identities?.[0]?.lastUsedAt).not.toBeNull();
  });

  test("is the same user the next time, in another browser, whatever the provider then says of name and email", async () => {
    const person = newPerson({ email: newEmail(), email_verified: true, name: "One" });
    await app.logIn(person);
    const before = await userOf(person.sub);
    expect(before).not.toBeNull();
    const { browser } = await app.logIn({ ...person, email: newEmail(), name: "Two" });
    expect((await browser.clientOf(app).run(PrivateDocument)).codes).toEqual([]);
    const after = await userOf(person.sub);
    expect([after?.id, after?.email, after?.display_name]).toEqual([
      before?.id,
      before?.email,
      before?.display_name,
    ]);
  });

  test.each([false, undefined, "false", "true", 1])(
    "gets an account without an email that the provider calls verified with %j",
    async (verified) => {
      const email = newEmail();
      const person = newPerson({ email, email_verified: verified });
      await app.logIn(person);
      expect(await userOf(person.sub)).toMatchObject({
        email: null,
        pending_email: null,
        email_verified_at: null,
      });
    },
  );

  test("is one account when two browsers come at once", async () => {
    const person = newPerson({ email: newEmail(), email_verified: true });
    const arrivals = await Promise.all([1, 2, 3].map(() => app.logIn(person)));
    expect(arrivals.map(({ url }) => url.pathname)).toEqual(["/there", "/there", "/there"]);
    const rows = await app.database
      .selectFrom("identities")
      .select("id")
      .where("subject", "=", person.sub)
      .execute();
    expect(rows).toHaveLength(1);
  });

  test.each([
    ["a taken one, with a number behind it", { preferred_username: "taken-name" }, /^taken-name-\d{4}$/],
    ["one that looks like a taken one", { preferred_username: "taken-nаme" }, /^user-\d+$/],
    ["what is before the @", { email: "First.Last+x@example.net" }, /^First\.Last-x$/],
    ["the name, with hyphens", { name: "  Ada, Countess of L.  " }, /^Ada-Countess-of-L$/],
    ["of no use", { preferred_username: "<>", name: "\u202e", email: 7 }, /^user-\d{10}$/],
    ["far too long", { preferred_username: "x".repeat(5000) }, /^user-\d{10}$/],
  ])("has a username though the claims have %s", async (_, claims, expected) => {
    if (!(await userNamed("taken-name"))) await app.createUser({ username: "taken-name" });
    const person = newPerson(claims);
    await app.logIn(person);
    expect((await userOf(person.sub))?.username).toMatch(expected);
  });

  const userNamed = (username: string) =>
    app.database.selectFrom("users").select("id").where("username", "=", username).executeTakeFirst();
});

describe("a known email with a new identity", () => {
  test("opens nothing and links nothing, whether the email is proven or not: log in, and link it", async () => {
    for (const isEmailVerified of [true, false]) {
      const email = newEmail();
      const user = await app.createUser({ email });
      if (!isEmailVerified)
        await app.database
          .updateTable("users")
          .set({ email_verified_at: null })
          .where("id", "=", user.id)
          .execute();
      const person = newPerson({ email: email.toUpperCase(), email_verified: true });
      const { status, text, browser } = await app.logIn(person);
      expect(status).toBe(409);
      expect(text).toContain("You have an account already");
      expect(text).toContain('<a href="/login?return_to=/account/identities">Log in to link it</a>');
      expect(await userOf(person.sub)).toBeNull();
      expect((await browser.clientOf(app).run(PrivateDocument)).codes).toEqual(["UNAUTHENTICATED"]);
    }
  });

  test("that is not verified makes an account of its own, without it", async () => {
    const email = newEmail();
    const user = await app.createUser({ email });
    const person = newPerson({ email, email_verified: false });
    await app.logIn(person);
    expect((await userOf(person.sub))?.id).not.toBe(user.id);
  });
});

describe("the gate of second factors", () => {
  test("holds for a provider's login too: one more proof, and only then a session", async () => {
    const person = newPerson({ email: newEmail(), email_verified: true });
    const { secret } = await personWithTotp(person);
    const { url, browser } = await app.logIn(person);
    expect(url.pathname).toBe("/account/complete");
    const fragment = new URLSearchParams(url.hash.slice(1));
    expect(fragment.get("methods")).toBe("TOTP,RECOVERY_CODE");
    const client = browser.clientOf(app);
    expect((await client.run(PrivateDocument)).codes).toEqual(["UNAUTHENTICATED"]);
    const pendingToken = fragment.get("token") ?? "";
    const completed = await client.run(CompleteLoginDocument, { pendingToken, code: codeOf(secret) });
    expect(completed.codes).toEqual([]);
    expect((await client.run(PrivateDocument)).codes).toEqual([]);
    const next = new URL(fragment.get("next") ?? "", app.origin);
    const { url: end } = await browser.open(next, { stopsAt: ({ pathname }) => pathname === "/there" });
    expect(end.href).toBe(`${app.origin}/there?x=1#y`);
    next.searchParams.set("return_to", "https://example.net/");
    expect((await browser.open(next)).status).toBe(400);
  });

  test("is not passed by what the provider says of factors unless the operator trusts it", async () => {
    const person = newPerson();
    await personWithTotp(person);
    app.provider.proves = { acr: "gold", amr: ["mfa"] };
    const { url } = await app.logIn(person);
    app.provider.proves = {};
    expect(url.pathname).toBe("/account/complete");
  });

  /** The user sets a password by hand, to enrol with it. */
  const personWithTotp = async (person: ReturnType<typeof newPerson>) => {
    await app.logIn(person);
    const user = await userOf(person.sub);
    const donor = await app.createUser({});
    const { password_hash: hash } = await app.database
      .selectFrom("users")
      .select("password_hash")
      .where("id", "=", donor.id)
      .executeTakeFirstOrThrow();
    await app.database
      .updateTable("users")
      .set({ password_hash: hash })
      .where("id", "=", user?.id ?? "")
      .execute();
    return enrolTotp(app, { ...donor, id: user?.id ?? "", username: user?.username ?? "" });
  };
});

test("a deactivated user is refused, and the refusal recorded", async () => {
  const person = newPerson();
  await app.logIn(person);
  const user = await userOf(person.sub);
  await app.database
    .updateTable("users")
    .set({ is_active: false })
    .where("id", "=", user?.id ?? "")
    .execute();
  const { status, text, browser } = await app.logIn(person);
  expect([status, text.includes("You cannot log in")]).toEqual([403, true]);
  expect((await browser.clientOf(app).run(PrivateDocument)).codes).toEqual(["UNAUTHENTICATED"]);
  expect((await userOf(person.sub))?.lastUsedAt).toEqual(user?.lastUsedAt);
});

test("a user who says no at the provider gets a page, which quotes nothing of the provider's", async () => {
  const { status, text } = await app.logIn(null, { language: "de" });
  expect(status).toBe(403);
  expect(text).toContain("Sie haben die Anmeldung abgebrochen");
  expect(text).not.toContain("no</b>");
});

test("pages have the headers of pages, no script and no form", async () => {
  const { headers, text } = await app.logIn(null);
  expect(headers.get("content-security-policy")).toBe(
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  );
  expect(headers.get("cache-control")).toBe("no-store");
  expect(headers.get("referrer-policy")).toBe("no-referrer");
  expect(text).not.toMatch(/<script|<form/);
});

test("the log has neither state nor code", async () => {
  const { trail } = await app.logIn(newPerson());
  const callback = trail.find(({ pathname }) => pathname === "/login/honest/callback");
  const log = app.log.join("");
  expect(log).toContain('"path":"/login/honest/callback"');
  for (const name of ["state", "code"]) {
    const secret = callback?.searchParams.get(name) ?? "";
    expect(secret.length).toBeGreaterThan(20);
    expect(log).not.toContain(secret);
  }
});

test("front ends are told of the provider, and other paths and methods below /login lead nowhere", async () => {
  const client = new Browser().clientOf(app);
  expect((await client.run(LoginProvidersDocument)).data?.loginMethods.providers).toEqual([
    { id: "honest", name: "Provider honest" },
  ]);
  const statusOf = async (path: string, method = "GET") =>
    (await fetch(app.origin + path, { method, redirect: "manual" })).status;
  expect(await statusOf("/login/unknown")).toBe(404);
  expect(await statusOf("/login/honest", "HEAD")).toBe(405);
  expect(await statusOf("/login/honest/callback", "POST")).toBe(405);
});
