import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Apple, startApple } from "../../harness/providers/apple.ts";
import { type Arrival, Browser } from "../../harness/providers/browser.ts";
import { type HonestProvider, newPerson, startHonestProvider } from "../../harness/providers/honest.ts";
import { type App, findFreePort, startApp } from "../../harness/server.ts";
import { PrivateDocument } from "../../operations/generated/graphql.ts";

let app: App;
let apple: Apple;
let honest: HonestProvider;

beforeAll(async () => {
  const port = await findFreePort();
  apple = await startApple("apple", `http://localhost:${port}/login/apple/callback`);
  honest = await startHonestProvider("honest", `http://localhost:${port}/login/honest/callback`);
  app = await startApp({
    PORT: String(port),
    IDENTITY_PROVIDERS: JSON.stringify([apple.entry, honest.entry]),
  });
});
afterAll(async () => {
  await app.close();
  await Promise.all([apple.close(), honest.close()]);
});

const newEmail = () => `${crypto.randomUUID()}@privaterelay.appleid.com`;
const isThere = ({ pathname }: URL) => pathname === "/there";

/** Up to Apple's page with the form. */
const begin = (browser: Browser) =>
  browser.open(`${app.origin}/login/apple?return_to=/there`, { stopsAt: isThere });

const logIn = async (
  person: ReturnType<typeof newPerson> | null,
  changes: Parameters<Browser["submit"]>[1] = {},
) => {
  apple.person = person;
  const browser = new Browser();
  const form = await begin(browser);
  const page = await browser.submit(form, changes);
  const { status, url, text } = await browser.refresh(page, { stopsAt: isThere });
  return { browser, form, page, status, path: url.pathname, text };
};

const isLoggedIn = async (browser: Browser) =>
  (await browser.clientOf(app).run(PrivateDocument)).codes.length === 0;

const accountOf = (subject: string) =>
  app.database
    .selectFrom("identities")
    .innerJoin("users", "users.id", "identities.user_id")
    .select(["users.id", "users.email", "users.display_name as displayName", "identities.issuer"])
    .where("subject", "=", subject)
    .executeTakeFirst();

describe("a login with Apple", () => {
  test("comes back as a form of another site, which does nothing but lead to the callback", async () => {
    const person = newPerson({ email: newEmail(), email_verified: true });
    const { browser, page, status, path } = await logIn(person);
    expect([page.status, page.headers.getSetCookie()]).toEqual([200, []]);
    expect(page.text).not.toMatch(/<script|<form/);
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(page.headers.get("cache-control")).toBe("no-store");
    expect(page.headers.get("referrer-policy")).toBe("no-referrer");
    expect([status, path]).toEqual([303, "/there"]);
    expect(await isLoggedIn(browser)).toBe(true);
    expect(await accountOf(person.sub)).toMatchObject({ email: person.email, issuer: apple.issuer });
  });

  test("proves the client with a new secret for each request, of five minutes, signed by the key", async () => {
    await logIn(newPerson());
    await logIn(newPerson());
    const secrets = apple.secrets.slice(-2);
    expect(secrets.map(({ problem }) => problem)).toEqual([null, null]);
    const lifetimes = secrets.map(({ secret }) => {
      const { iat = 0, exp = 0 } = decodeJwt(secret);
      return exp - iat;
    });
    expect(lifetimes).toEqual([300, 300]);
    expect(app.log.join("")).not.toContain(secrets[0]?.secret);
  });

  test("takes no name from the form, which nobody has signed", async () => {
    const person = newPerson({ email: newEmail(), email_verified: true });
    const user = JSON.stringify({ name: { firstName: "Evil", lastName: "Name" }, email: "boss@example.org" });
    const { page } = await logIn(person, { changes: { user } });
    expect(page.text).not.toContain("Evil");
    expect(await accountOf(person.sub)).toMatchObject({ displayName: null, email: person.email });
  });

  test.each([
    [true, true],
    ["true", true],
    [false, false],
    ["false", false],
    ["TRUE", false],
    [1, false],
    [undefined, false],
  ])("takes an email that is verified with %j: %j", async (verified, isTaken) => {
    const person = newPerson({ email: newEmail(), email_verified: verified });
    await logIn(person);
    expect((await accountOf(person.sub))?.email ?? null).toBe(isTaken ? person.email : null);
  });

  test("ends when the user says no, whichever way Apple says it", async () => {
    expect(await logIn(null)).toMatchObject({ status: 403, path: "/login/apple/callback" });
    const cancelled = { changes: { code: null, error: "user_cancelled_authorize" } };
    expect(await logIn(newPerson(), cancelled)).toMatchObject({ status: 403 });
  });
});

describe("a form from another site", () => {
  test("logs nobody in in another browser than the one that began", async () => {
    apple.person = newPerson();
    const form = await begin(new Browser());
    const victim = new Browser();
    await begin(victim);
    const { status } = await victim.refresh(await victim.submit(form));
    expect([status, await isLoggedIn(victim)]).toEqual([400, false]);
  });

  test("is not answered with its text: what is in it stays in a URL of ours", async () => {
    const state = `"><script>alert(1)</script>'; url=https://evil.example`;
    const browser = new Browser();
    const form = await begin(browser);
    const page = await browser.submit(form, { changes: { state } });
    expect(page.text).not.toContain("<script");
    const { trail } = await browser.refresh(page);
    expect(trail.map(({ origin, pathname }) => origin + pathname)).toEqual([
      `${app.origin}/login/apple/callback`,
    ]);
  });

  const post = (path: string, body: string, headers: Readonly<Record<string, string>> = {}) =>
    fetch(app.origin + path, {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        origin: apple.issuer,
        "sec-fetch-site": "cross-site",
        ...headers,
      },
      body,
      redirect: "manual",
    });
  const statusOf = async (...given: Parameters<typeof post>) => (await post(...given)).status;

  test("is taken at the callback of Apple alone: elsewhere it is from another site, as ever", async () => {
    const body = "state=x&code=y";
    expect(await statusOf("/login/apple/callback", body)).toBe(200);
    for (const path of [
      "/login/honest/callback",
      "/login/apple",
      "/login/apple/callback/",
      "/login/apple/callback?x=y",
      "/login/apple/return",
      "/login/unknown/callback",
      "/graphql",
    ])
      expect([path, await statusOf(path, body)]).toEqual([path, 403]);
    for (const method of ["PUT", "DELETE"])
      expect(
        (
          await fetch(`${app.origin}/login/apple/callback`, {
            method,
            headers: { origin: apple.issuer, "sec-fetch-site": "cross-site" },
          })
        ).status,
      ).toBe(403);
  });

  test("is refused when it is no form, too large, compressed, or says a thing twice", async () => {
    const path = "/login/apple/callback";
    expect(await statusOf(path, "{}", { "content-type": "application/json" })).toBe(415);
    expect(await statusOf(path, "state=x", { "content-type": "multipart/form-data; boundary=x" })).toBe(415);
    expect(
      await statusOf(path, "state=x", { "content-type": "application/x-www-form-urlencoded; charset=utf-7" }),
    ).toBe(415);
    expect(await statusOf(path, "state=x", { "content-encoding": "gzip" })).toBe(415);
    expect(await statusOf(path, `state=${"x".repeat(9 * 1024)}`)).toBe(413);
    expect(await statusOf(path, `state=${"x".repeat(200 * 1024)}`)).toBe(413);
    expect(await statusOf(path, "state=x&state=y&code=z")).toBe(400);
    expect(
      await statusOf(path, "state=x&code=y", {
        "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
      }),
    ).toBe(200);
  });
});

test("a provider that speaks OpenID Connect is not asked for a form", async () => {
  honest.person = newPerson();
  const { trail }: Arrival = await new Browser().open(`${app.origin}/login/honest?return_to=/there`, {
    stopsAt: isThere,
  });
  expect(trail.every(({ searchParams }) => !searchParams.has("response_mode"))).toBe(true);
});
