import { createHash, randomBytes } from "node:crypto";
import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  askForAuthentication,
  findAuthenticationTime,
} from "../../../src/auth/providers/authentication-time.ts";
import type { IdentityProvider } from "../../../src/config/sign-in/identity-providers.ts";
import { presets } from "../../../src/config/sign-in/provider-presets.ts";
import { Client } from "../../harness/client.ts";
import { note } from "../../harness/logs/canaries.ts";
import { type ProviderApp, startProviderApp } from "../../harness/providers/app.ts";
import { Browser } from "../../harness/providers/browser.ts";
import { type GitHub, newGitHubUser, startGitHub } from "../../harness/providers/github.ts";
import { newPerson } from "../../harness/providers/honest.ts";
import { type HostileProvider, startHostileProvider } from "../../harness/providers/hostile.ts";
import { codeOf, enrolTotp } from "../../harness/sign-in/second-factors.ts";
import {
  CompleteLoginDocument,
  ExportMyDataDocument,
  LogInWithProviderCodeDocument,
  PrivateDocument,
} from "../../operations/generated/graphql.ts";

// Whether a login with a provider is recent, as sensitive acts ask.

const link = "com.example.app:/login";
const minutes = 60;
const days = 86_400;

let app: ProviderApp;
let hostile: HostileProvider;
let gitHub: GitHub;

beforeAll(async () => {
  [hostile, gitHub] = await Promise.all([startHostileProvider("hostile"), startGitHub("github")]);
  const trusts = { acrValues: ["gold"], trustsFactor: ["gold"] };
  const others = [{ ...hostile.entry, ...trusts }, gitHub.entry];
  app = await startProviderApp(trusts, { LOGIN_APP_LINKS: link }, others);
});
afterAll(async () => {
  await app.close();
  await Promise.all([hostile.close(), gitHub.close()]);
});
afterEach(() => {
  app.provider.proves = {};
  hostile.lie = {};
});

const now = () => Math.floor(Date.now() / 1000);
const isThere = (next: URL) => next.pathname === "/there" || next.protocol === "com.example.app:";

/** With a password and a proven email. */
const newUser = () => app.createUser({ email: `${crypto.randomUUID()}@example.org` });

const linkTo = (userId: string, provider: "honest" | "hostile" | "github", subject: string) => {
  const issuer = { honest: app.provider.issuer, hostile: hostile.issuer, github: gitHub.address }[provider];
  const row = { id: crypto.randomUUID(), user_id: userId, provider, issuer, subject, email: null };
  return app.database.insertInto("identities").values(row).execute();
};

/** A user who can log in with the honest provider too. */
const newLinkedUser = async () => {
  const [user, person] = [await newUser(), newPerson()];
  await linkTo(user.id, "honest", person.sub);
  return { user, person };
};

const act = (client: Client) => client.run(ExportMyDataDocument);
const isRecent = async (browser: Browser) => {
  const { codes } = await act(browser.clientOf(app));
  expect([[], ["REAUTHENTICATION_REQUIRED"]]).toContainEqual(codes);
  return codes.length === 0;
};
const sessionOf = (userId: string) =>
  app.database
    .selectFrom("sessions")
    .select(sql<number>`extract(epoch from authenticated_at)::float`.as("authenticatedAt"))
    .select(sql<number>`extract(epoch from second_factor_at)::float`.as("secondFactorAt"))
    .where("user_id", "=", userId)
    .orderBy("created_at", "desc")
    .executeTakeFirstOrThrow();

const leaveNothingElse = (userId: string) =>
  app.database
    .updateTable("users")
    .set({ password_hash: null, email: null, canonical_email: null, email_verified_at: null })
    .where("id", "=", userId)
    .execute();

/** With the provider that tells lies, which ignores every wish. */
const logInWith = async (userId: string, claims: Readonly<Record<string, unknown>>, query = "") => {
  const sub = crypto.randomUUID();
  await linkTo(userId, "hostile", sub);
  hostile.lie = {
    claims: (target) => void Object.assign(target, { sub, email: "liar@example.net", ...claims }),
  };
  const browser = new Browser();
  const address = `${app.origin}/login/hostile?return_to=/there${query}`;
  const { status } = await browser.open(address, { stopsAt: isThere });
  return { status, browser };
};

describe("a login is as old as the provider says, when the user did something there", () => {
  test.each([
    [0, true],
    [9 * minutes, true],
    [11 * minutes, false],
    [3 * days, false],
  ])("%i seconds ago", async (age, recent) => {
    const { user, person } = await newLinkedUser();
    const ts = now() - age;
    app.provider.proves = { ts };
    const { browser } = await app.logIn(person);
    expect(await isRecent(browser)).toBe(recent);
    // From then on, not from the login: else each would double the ten minutes.
    expect((await sessionOf(user.id)).authenticatedAt).toBe(ts);
  });
});

describe("a login is recent", () => {
  test("not in an open browser, where the provider's session is enough; but when the provider asks again", async () => {
    const { person } = await newLinkedUser();
    app.provider.proves = { ts: now() - 3 * days };
    const { browser } = await app.logIn(person);
    app.provider.proves = {};
    // Whoever sits there knows nothing that the provider would ask for.
    const silent = await app.logIn(null, { browser });
    expect(silent.url.pathname).toBe("/there");
    const refused = await act(browser.clientOf(app));
    expect(refused.errors[0]?.extensions).toMatchObject({
      code: "REAUTHENTICATION_REQUIRED",
      methods: ["PASSWORD"],
      providers: ["honest"],
    });
    const query = { prompt: "login" };
    expect((await app.logIn(null, { browser, query })).status).toBe(403);
    expect(await isRecent(browser)).toBe(false);
    const asked = await app.logIn(person, { browser, query });
    expect(asked.url.pathname).toBe("/there");
    expect(await isRecent(browser)).toBe(true);
  });

  test("with an old second factor of the provider not, though it counts; with a new one it is", async () => {
    const { user, person } = await newLinkedUser();
    await enrolTotp(app, user);
    const outcomes = [];
    for (const ts of [now() - 3 * days, now()]) {
      app.provider.proves = { acr: "gold", ts };
      const { browser, url } = await app.logIn(person);
      const { authenticatedAt, secondFactorAt } = await sessionOf(user.id);
      expect([authenticatedAt, secondFactorAt]).toEqual([ts, ts]);
      outcomes.push([url.pathname, await isRecent(browser)]);
    }
    expect(outcomes).toEqual([
      ["/there", false],
      ["/there", true],
    ]);
  });

  test("once our second factor completes it, though the provider's proof is old", async () => {
    const { user, person } = await newLinkedUser();
    const { secret } = await enrolTotp(app, user);
    app.provider.proves = { ts: now() - 3 * days };
    const { browser, url } = await app.logIn(person);
    const pendingToken = new URLSearchParams(url.hash.slice(1)).get("token") ?? "";
    note("token", pendingToken);
    const client = browser.clientOf(app);
    const { codes } = await client.run(CompleteLoginDocument, { pendingToken, code: codeOf(secret) });
    expect(codes).toEqual([]);
    expect((await act(client)).codes).toEqual([]);
  });
});

describe("a login goes through, and is not recent, when the provider's auth_time", () => {
  test.each<[string, Readonly<Record<string, unknown>>]>([
    ["is absent", {}],
    ["is absent, though it was asked for", { auth_time: undefined }],
    ["is to come", { auth_time: now() + 1 * days }],
    ["is far from any date", { auth_time: 1e15 }],
    ["has a fraction", { auth_time: now() + 0.5 }],
    ["is old", { auth_time: now() - 11 * minutes }],
    ["is the beginning of time", { auth_time: 0 }],
  ])("%s", async (title, claims) => {
    const user = await newUser();
    const query = title.includes("asked for") ? "&prompt=login" : "";
    const { status, browser } = await logInWith(user.id, claims, query);
    expect(status).toBe(303);
    expect(await isRecent(browser)).toBe(false);
  });
});

test("a clock of the provider that is a little ahead makes a login recent, and no more than that", async () => {
  const user = await newUser();
  const { browser } = await logInWith(user.id, { auth_time: now() + 20 });
  expect(await isRecent(browser)).toBe(true);
  expect((await sessionOf(user.id)).authenticatedAt).toBeLessThanOrEqual(now() + 1);
});

test.each([
  ["a text", "1700000000"],
  ["negative", -1],
  // What JSON makes of NaN.
  ["null", null],
])("there is no login by an ID token whose auth_time is %s", async (_, time) => {
  const user = await newUser();
  const { status, browser } = await logInWith(user.id, { auth_time: time });
  expect(status).toBe(502);
  expect((await browser.clientOf(app).run(PrivateDocument)).codes).toEqual(["UNAUTHENTICATED"]);
});

describe("where the provider says no time", () => {
  test("a login is recent of a user who has nothing else to prove", async () => {
    const user = await newUser();
    await leaveNothingElse(user.id);
    const { browser } = await logInWith(user.id, {});
    expect(await isRecent(browser)).toBe(true);
  });

  test.each(["password", "proven email", "second factor"])("but not of one with a %s", async (other) => {
    const user = await newUser();
    if (other === "second factor") await enrolTotp(app, user);
    if (other !== "password")
      await app.database
        .updateTable("users")
        .set({ password_hash: null })
        .where("id", "=", user.id)
        .execute();
    if (other !== "proven email")
      await app.database
        .updateTable("users")
        .set({ email: null, canonical_email: null, email_verified_at: null })
        .where("id", "=", user.id)
        .execute();
    const { browser } = await logInWith(user.id, { acr: "gold" });
    expect(await isRecent(browser)).toBe(false);
  });
});

test("an old time is old for a user with nothing else too: the provider asks again", async () => {
  const { user, person } = await newLinkedUser();
  await leaveNothingElse(user.id);
  app.provider.proves = { ts: now() - 3 * days };
  const { browser } = await app.logIn(person);
  const refused = await act(browser.clientOf(app));
  expect(refused.errors[0]?.extensions).toMatchObject({ methods: [], providers: ["honest"] });
  app.provider.proves = {};
  await app.logIn(person, { browser, query: { prompt: "login" } });
  expect(await isRecent(browser)).toBe(true);
});

test("a login with GitHub, which says no time, is recent of a user with nothing else, and else is not proposed", async () => {
  const user = await newUser();
  gitHub.user = newGitHubUser();
  await linkTo(user.id, "github", String(gitHub.user.id));
  const browser = new Browser();
  const open = () =>
    browser.open(`${app.origin}/login/github?return_to=/there&prompt=login`, { stopsAt: isThere });
  const { trail, url } = await open();
  expect(url.pathname).toBe("/there");
  expect([...(trail[1]?.searchParams.keys() ?? [])]).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/prompt|max_age/)]),
  );
  const refused = await act(browser.clientOf(app));
  expect(refused.errors[0]?.extensions).toMatchObject({ methods: ["PASSWORD"], providers: [] });
  await leaveNothingElse(user.id);
  const alone = await act(browser.clientOf(app));
  expect(alone.errors[0]?.extensions).toMatchObject({ methods: [], providers: ["github"] });
  await open();
  expect(await isRecent(browser)).toBe(true);
});

describe("an app's login", () => {
  const logInApp = async (person: ReturnType<typeof newPerson>) => {
    const verifier = randomBytes(32).toString("base64url");
    note("token", verifier);
    const challenge = createHash("sha256").update(verifier).digest("base64url");
    const { url } = await app.logIn(person, {
      returnTo: link,
      query: { challenge, prompt: "login" },
    });
    return { url, verifier };
  };

  test("is not recent, whenever the user was at the provider, unless there is nothing else to prove", async () => {
    const { user, person } = await newLinkedUser();
    const outcomes = [];
    for (const leaves of ["all", "nothing else"]) {
      if (leaves === "nothing else") await leaveNothingElse(user.id);
      const { url, verifier } = await logInApp(person);
      const code = url.searchParams.get("code") ?? "";
      note("token", code);
      const client = new Client(app);
      const { data } = await client.run(LogInWithProviderCodeDocument, { code, verifier });
      client.token = data?.loginWithProviderCode?.token ?? null;
      outcomes.push((await act(client)).codes);
    }
    expect(outcomes).toEqual([["REAUTHENTICATION_REQUIRED"], []]);
  });
});

describe("the provider is asked", () => {
  const asked = async (query: string) => {
    const address = `${app.origin}/login/honest?return_to=/there${query}`;
    const { url } = await new Browser().open(address, { stopsAt: () => true });
    return [url.searchParams.get("prompt"), url.searchParams.get("max_age")];
  };

  test("for the time always, and to ask the user only with exactly prompt=login", async () => {
    const usual = [null, String(365 * days)];
    expect(await asked("")).toEqual(usual);
    for (const other of ["Login", "none", "login+consent", "login%00", "", "consent&prompt=login"])
      expect([other, await asked(`&prompt=${other}`)]).toEqual([other, usual]);
    expect(await asked("&prompt=login")).toEqual(["login", String(5 * minutes)]);
  });

  test("nothing where its documentation knows no such thing: then an old time says no more than none", () => {
    const settingsOf = ({ kind, issuer }: { readonly kind: string; readonly issuer: string | null }) =>
      ({ kind, issuer: issuer ?? "https://id.example.com" }) as IdentityProvider;
    const outcomes = Object.entries(presets).map(([name, preset]) => {
      const settings = settingsOf(preset);
      const fields = Object.keys(askForAuthentication(settings, { again: true }));
      const found = [now(), now() - 11 * minutes].map((it) => findAuthenticationTime(settings, it) !== null);
      return [name, fields.join(), ...found];
    });
    expect(outcomes).toEqual([
      ["google", "", true, false],
      ["apple", "", true, false],
      ["gitlab", "prompt,max_age", true, true],
      ["github", "", true, false],
      ["microsoft", "prompt,max_age", true, true],
      ["keycloak", "prompt,max_age", true, true],
    ]);
  });
});
