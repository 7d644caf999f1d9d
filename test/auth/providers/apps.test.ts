import { createHash, randomBytes } from "node:crypto";
import { ApolloClient, HttpLink, InMemoryCache } from "@apollo/client";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client, wholeOf } from "../../harness/client.ts";
import { note } from "../../harness/logs/canaries.ts";
import { type ProviderApp, startProviderApp } from "../../harness/providers/app.ts";
import { Browser } from "../../harness/providers/browser.ts";
import { newPerson, type ProviderPerson } from "../../harness/providers/honest.ts";
import { codeOf, enrolTotp } from "../../harness/sign-in/second-factors.ts";
import {
  CompleteLoginDocument,
  LogInWithCodeDocument,
  LogInWithProviderCodeDocument,
  PrivateDocument,
} from "../../operations/generated/graphql.ts";

const link = "com.example.app:/login";
const LOGIN_APP_LINKS = `${link}, https://app.example.com/login, http://127.0.0.1/back, http://[::1]/back`;

let app: ProviderApp;
/** Where nobody may register, and one provider is down. */
let closed: ProviderApp;
/** Where one person an hour may register. */
let strict: ProviderApp;

beforeAll(async () => {
  const down = { id: "down", name: "Down", issuer: "http://localhost:1", clientId: "a", clientSecret: "b" };
  const factors = { acrValues: ["gold"], trustsFactor: ["gold"] };
  [app, closed, strict] = await Promise.all([
    startProviderApp(factors, { LOGIN_APP_LINKS }),
    startProviderApp({}, { LOGIN_APP_LINKS, REGISTRATION: "closed" }, [down]),
    startProviderApp({}, { LOGIN_APP_LINKS, RATE_LIMITS: "register.ip=1/1h,provider.ip=8/1h" }),
  ]);
});
afterAll(() => Promise.all([app, closed, strict].map((it) => it.close())));

const newEmail = () => `${crypto.randomUUID()}@example.org`;
const challengeOf = (verifier: string) => createHash("sha256").update(verifier).digest("base64url");
const newVerifier = () => {
  const verifier = randomBytes(32).toString("base64url");
  note("token", verifier);
  return verifier;
};

const isHome = (next: URL) => next.protocol === "com.example.app:" || next.pathname === "/back";
const isCallback = (next: URL) => next.pathname.endsWith("/callback");

/** Opens the link that an app opens in the browser of the system. */
const begin = (
  parameters: Readonly<Record<string, string>>,
  { on = app, provider = "honest", browser = new Browser(), stopsAt = isHome } = {},
) => browser.open(`${on.origin}/login/${provider}?${new URLSearchParams(parameters)}`, { stopsAt });

const arrive = async (
  person: ProviderPerson | null,
  { on = app, verifier = newVerifier(), browser = new Browser(), ...given } = {} as {
    readonly on?: ProviderApp;
    readonly verifier?: string;
    readonly browser?: Browser;
    readonly return_to?: string;
    readonly state?: string;
  },
) => {
  on.provider.person = person;
  const parameters = { challenge: challengeOf(verifier), return_to: link, ...given };
  const arrival = await begin(parameters, { on, browser });
  const code = arrival.url.searchParams.get("code") ?? "";
  note("token", code);
  return { ...arrival, browser, verifier, code, error: arrival.url.searchParams.get("error") };
};

const send = (
  { code, verifier }: { readonly code: string; readonly verifier: string },
  { client = new Client(app), mode }: { readonly client?: Client; readonly mode?: "SESSION" | "TOKEN" } = {},
) => client.run(LogInWithProviderCodeDocument, { code, verifier, ...(mode && { mode }) });

const userOf = (subject: string) =>
  app.database
    .selectFrom("identities")
    .innerJoin("users", "users.id", "identities.user_id")
    .select(["users.id", "users.username"])
    .where("subject", "=", subject)
    .executeTakeFirstOrThrow();

/** A person of the provider whose account exists already. */
const personOf = async (userId: string, on = app) => {
  const person = newPerson();
  await on.database
    .insertInto("identities")
    .values({
      id: crypto.randomUUID(),
      user_id: userId,
      provider: "honest",
      issuer: on.provider.issuer,
      subject: person.sub,
    })
    .execute();
  return person;
};

const codesOf = (userId: string) =>
  app.database.selectFrom("proof_challenges").selectAll().where("user_id", "=", userId).execute();

const failuresOf = async (userId: string) => {
  const rows = await app.database
    .selectFrom("audit_events")
    .select("details")
    .where("user_id", "=", userId)
    .where("type", "=", "LOGIN_FAILED")
    .execute();
  return rows.map(({ details }) => details);
};

describe("an app", () => {
  test("gets a code through its link, and with its verifier a token; the browser gets no session", async () => {
    const person = newPerson({ email: newEmail(), email_verified: true });
    const arrival = await arrive(person, { state: "a&b=c#d" });
    const { url, status, headers, browser, code } = arrival;
    expect([status, url.protocol, url.pathname]).toEqual([303, "com.example.app:", "/login"]);
    expect([...url.searchParams.keys()]).toEqual(["state", "code"]);
    expect(url.searchParams.get("state")).toBe("a&b=c#d");
    expect(code).toMatch(/^gwc_[0-9A-Za-z]{49}$/);
    expect([headers.get("cache-control"), headers.get("referrer-policy")]).toEqual([
      "no-store",
      "no-referrer",
    ]);
    expect([...browser.cookiesOf(app.origin).keys()]).toEqual(["graphward-provider"]);
    const { id } = await userOf(person.sub);
    const sessions = () =>
      app.database.selectFrom("sessions").select("id").where("user_id", "=", id).execute();
    expect(await sessions()).toEqual([]);

    const client = new Client(app);
    const answer = await send(arrival, { client });
    const login = answer.data?.loginWithProviderCode;
    expect(login).toMatchObject({ userId: id, challenge: null, token: expect.stringMatching(/^gws_/) });
    expect([...client.cookies.keys(), ...client.deviceCookies.keys()]).toEqual([]);
    client.token = login?.token ?? null;
    expect((await client.run(PrivateDocument)).codes).toEqual([]);
    expect(await sessions()).toHaveLength(1);
  });

  test.each(["https://app.example.com/login", "http://127.0.0.1:49152/back", "http://[::1]:49152/back"])(
    "may have the link %s",
    async (place) => {
      app.provider.person = newPerson();
      const parameters = { challenge: challengeOf(newVerifier()), return_to: place };
      const stopsAt = (next: URL) => next.href.startsWith(place);
      const { url } = await begin(parameters, { stopsAt });
      note("token", url.searchParams.get("code"));
      expect(url.href).toMatch(new RegExp(`^${place.replaceAll(/[.[\]]/g, "\\$&")}\\?code=gwc_\\w+$`));
    },
  );

  test("with a cookie, logs in only the browser that was at the provider", async () => {
    for (const client of [new Client(app), (await arrive(newPerson())).browser.clientOf(app)]) {
      const answer = await send(await arrive(newPerson()), { client, mode: "SESSION" });
      expect(answer.codes).toEqual(["INVALID_TOKEN"]);
      expect(client.cookies.has("graphward")).toBe(false);
    }
    const arrival = await arrive(newPerson());
    const client = arrival.browser.clientOf(app);
    const answer = await send(arrival, { client, mode: "SESSION" });
    expect([answer.codes, answer.data?.loginWithProviderCode?.token]).toEqual([[], null]);
    expect((await client.run(PrivateDocument)).codes).toEqual([]);
  });

  test("logs in as docs/clients.md shows it", async () => {
    const { origin, url } = app;
    const appLink = link;
    const client = new ApolloClient({ link: new HttpLink({ uri: url }), cache: new InMemoryCache() });
    let changeState = (given: string) => given;
    const openSystemBrowser = async (address: string, place: string) => {
      const opened = new Browser();
      const arrival = await opened.open(address, { stopsAt: (next) => next.href.startsWith(place) });
      note("token", arrival.url.searchParams.get("code"));
      return changeState(arrival.url.href);
    };

    const toBase64Url = (bytes: Uint8Array): string =>
      btoa(String.fromCharCode(...bytes))
        .replace(/\+/g, "-")
        .replace(/\//g, "_")
        .replace(/=/g, "");

    const logInWithProvider = async (provider: string) => {
      const verifier = toBase64Url(crypto.getRandomValues(new Uint8Array(32)));
      const state = toBase64Url(crypto.getRandomValues(new Uint8Array(16)));
      const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
      const challenge = toBase64Url(new Uint8Array(hash));
      const query = new URLSearchParams({ challenge, state, return_to: appLink });

      const returned = await openSystemBrowser(`${origin}/login/${provider}?${query}`, appLink);
      const answer = new URL(returned).searchParams;
      if (answer.get("state") !== state) throw new Error("This app has not begun this login.");
      const code = answer.get("code");
      if (code === null) return { token: null, challenge: null, error: answer.get("error") };

      const login = await client.mutate({
        mutation: LogInWithProviderCodeDocument,
        variables: { code, verifier },
      });
      const { token = null, challenge: asked = null } = login.data?.loginWithProviderCode ?? {};
      return { token, challenge: asked, error: null };
    };

    app.provider.person = newPerson();
    expect(await logInWithProvider("honest")).toMatchObject({
      token: expect.stringMatching(/^gws_/),
      challenge: null,
      error: null,
    });
    const { user } = await enrolTotp(app, await app.createUser());
    app.provider.person = await personOf(user.id);
    expect((await logInWithProvider("honest")).challenge?.methods).toEqual(["TOTP", "RECOVERY_CODE"]);
    app.provider.person = null;
    expect(await logInWithProvider("honest")).toEqual({ token: null, challenge: null, error: "denied" });
    changeState = (given) => given.replace(/state=[\w-]+/, "state=another");
    await expect(logInWithProvider("honest")).rejects.toThrow("not begun");
  });

  test("puts no code into the log", async () => {
    const arrival = await arrive(newPerson(), { state: "state-of-the-app" });
    await send(arrival);
    await fetch(`${app.origin}/elsewhere/${arrival.code}`);
    const log = app.log.join("");
    for (const secret of [arrival.code, arrival.verifier, "state-of-the-app"])
      expect(log).not.toContain(secret);
  });
});

describe("a code", () => {
  test("is stored as a digest, for one minute", async () => {
    const person = newPerson();
    const { code, verifier } = await arrive(person);
    const [row] = await codesOf((await userOf(person.sub)).id);
    expect((row?.expires_at.getTime() ?? 0) - (row?.created_at.getTime() ?? 0)).toBe(60_000);
    const stored = JSON.stringify(row, (_, value) =>
      value?.type === "Buffer" ? Buffer.from(value.data).toString("latin1") : value,
    );
    for (const secret of [code, code.slice(4), verifier]) expect(stored).not.toContain(secret);
  });

  test("opens once, also when it comes twice at once", async () => {
    const arrival = await arrive(newPerson());
    const answers = await Promise.all([1, 2, 3].map(() => send(arrival)));
    expect(answers.map(({ codes }) => codes[0] ?? "in").sort()).toEqual([
      "INVALID_TOKEN",
      "INVALID_TOKEN",
      "in",
    ]);
    expect((await send(arrival)).codes).toEqual(["INVALID_TOKEN"]);
  });

  test("is used up by a wrong verifier, which is recorded", async () => {
    const person = newPerson();
    const arrival = await arrive(person);
    expect((await send({ ...arrival, verifier: newVerifier() })).codes).toEqual(["INVALID_TOKEN"]);
    expect((await send(arrival)).codes).toEqual(["INVALID_TOKEN"]);
    const { id } = await userOf(person.sub);
    await expect.poll(() => failuresOf(id)).toEqual([{ reason: "WRONG_VERIFIER" }]);
  });

  test("opens nothing with the verifier of another login: an attacker's code in the app of somebody else", async () => {
    const [mine, other] = [await arrive(newPerson()), await arrive(newPerson())];
    expect((await send({ code: other.code, verifier: mine.verifier })).codes).toEqual(["INVALID_TOKEN"]);
  });

  test("opens nothing with its challenge as the verifier, or with a verifier that is too short or too long", async () => {
    const plain = await arrive(newPerson());
    const challenge = challengeOf(plain.verifier);
    expect((await send({ code: plain.code, verifier: challenge })).codes).toEqual(["INVALID_TOKEN"]);
    for (const verifier of ["", "x".repeat(42), "x".repeat(129), `${"x".repeat(50)}/`])
      expect((await send(await arrive(newPerson(), { verifier }))).codes).toEqual(["INVALID_TOKEN"]);
  });

  test("opens nothing after a minute", async () => {
    const person = newPerson();
    const arrival = await arrive(person);
    await app.database
      .updateTable("proof_challenges")
      .set({ expires_at: sql<Date>`expires_at - interval '1 minute'` })
      .where("user_id", "=", (await userOf(person.sub)).id)
      .execute();
    expect((await send(arrival)).codes).toEqual(["INVALID_TOKEN"]);
  });

  test("is answered alike whether it is unknown, used, expired, or comes with another verifier", async () => {
    const arrival = await arrive(newPerson());
    const wrong = wholeOf(await send({ ...arrival, verifier: newVerifier() }));
    const unknown = { ...arrival, code: `${arrival.code.slice(0, -1)}~` };
    const late = await arrive(newPerson());
    await app.database.updateTable("proof_challenges").set({ expires_at: sql<Date>`now()` }).execute();
    for (const sent of [
      arrival,
      late,
      unknown,
      { ...arrival, code: "" },
      { ...arrival, code: "x".repeat(5000) },
    ])
      expect(wholeOf(await send(sent))).toEqual(wrong);
  });

  test("is no pending token, and a pending token no code", async () => {
    const { user } = await enrolTotp(app, await app.createUser());
    const person = await personOf(user.id);
    const { code } = await arrive(person);
    const client = new Client(app);
    const answers = [
      await client.run(CompleteLoginDocument, { pendingToken: code, code: "123456" }),
      await client.run(CompleteLoginDocument, { pendingToken: code.replace("gwc_", "gwp_"), code: "123456" }),
    ];
    const second = await send(await arrive(person));
    const pendingToken = second.data?.loginWithProviderCode?.challenge?.pendingToken ?? "";
    for (const text of [pendingToken, pendingToken.replace("gwp_", "gwc_")])
      answers.push((await send({ code: text, verifier: newVerifier() })) as never);
    expect(answers.map(({ codes }) => codes[0])).toEqual(Array.from({ length: 4 }, () => "INVALID_TOKEN"));
    expect((await client.run(LogInWithCodeDocument, { pendingToken: code, code })).codes).not.toEqual([]);
  });

  test("ends with the sessions of its user", async () => {
    const user = await app.createUser();
    const arrival = await arrive(await personOf(user.id));
    const client = new Client(app);
    await client.logIn(user);
    await client.run("mutation { logoutEverywhere { message } }");
    expect((await send(arrival)).codes).toEqual(["INVALID_TOKEN"]);
  });
});

describe("a code opens nothing when its user", () => {
  test.each([
    ["was deactivated", { is_active: false }],
    ["changed the password", { device_generation: sql<number>`device_generation + 1` }],
  ])("%s since", async (_, change) => {
    const person = newPerson();
    const arrival = await arrive(person);
    const { id } = await userOf(person.sub);
    await app.database.updateTable("users").set(change).where("id", "=", id).execute();
    expect((await send(arrival)).codes).toEqual(["INVALID_CREDENTIALS"]);
    await expect.poll(() => failuresOf(id)).toEqual([{ reason: "NOT_ALLOWED" }]);
  });
});

describe("the gate of second factors", () => {
  test("holds for an app too: a challenge, and a token only after one more proof", async () => {
    const { user, secret } = await enrolTotp(app, await app.createUser());
    app.provider.proves = { acr: "silver" };
    const client = new Client(app);
    const answer = await send(await arrive(await personOf(user.id)), { client });
    app.provider.proves = {};
    const login = answer.data?.loginWithProviderCode;
    expect(login).toMatchObject({ token: null, userId: null, user: null });
    expect(login?.challenge?.methods).toEqual(["TOTP", "RECOVERY_CODE"]);
    const pendingToken = login?.challenge?.pendingToken ?? "";
    const completed = await client.run(CompleteLoginDocument, { pendingToken, code: codeOf(secret) });
    expect(completed.data?.completeLogin?.token).toMatch(/^gws_/);
    expect([...client.cookies.keys()]).toEqual([]);
  });

  test("is passed by a factor of the provider that the operator trusts", async () => {
    const { user } = await enrolTotp(app, await app.createUser());
    app.provider.proves = { acr: "gold" };
    const answer = await send(await arrive(await personOf(user.id)));
    app.provider.proves = {};
    expect(answer.data?.loginWithProviderCode?.token).toMatch(/^gws_/);
  });
});

describe("an app is told why there is no login", () => {
  const failed = (error: string) => ({ status: 303, error, code: "" });

  test("when the user says no", async () => {
    expect(await arrive(null, { state: "s" })).toMatchObject(failed("denied"));
    expect((await arrive(null, { state: "s" })).url.href).toBe(`${link}?state=s&error=denied`);
  });

  test("when the email has an account, which the user must log in to first", async () => {
    const { email } = await app.createUser({ email: newEmail() });
    const person = newPerson({ email, email_verified: true });
    expect(await arrive(person)).toMatchObject(failed("account_exists"));
  });

  test("when the account is closed, which is recorded", async () => {
    const user = await app.createUser();
    await app.database.updateTable("users").set({ is_active: false }).where("id", "=", user.id).execute();
    expect(await arrive(await personOf(user.id))).toMatchObject(failed("refused"));
    await expect.poll(() => failuresOf(user.id)).toEqual([{ reason: "NOT_ALLOWED" }]);
    expect(await codesOf(user.id)).toEqual([]);
  });

  test("when the provider's answer is not right", async () => {
    const browser = new Browser();
    app.provider.person = newPerson();
    const parameters = { challenge: challengeOf(newVerifier()), return_to: link };
    const { url } = await begin(parameters, { browser, stopsAt: isCallback });
    url.searchParams.set("iss", "https://id.example");
    const arrival = await browser.open(url, { stopsAt: isHome });
    expect(arrival.url.href).toBe(`${link}?error=failed`);
    // It was used up: now nothing says that it was an app's.
    expect(await browser.open(url, { stopsAt: isHome })).toMatchObject({ status: 400 });
  });

  test("when nobody may register", async () => {
    expect(await arrive(newPerson(), { on: closed })).toMatchObject(failed("registration_closed"));
  });

  test("when the provider does not answer", async () => {
    const parameters = { challenge: challengeOf(newVerifier()), return_to: link };
    const { url, status } = await begin(parameters, { on: closed, provider: "down" });
    expect([status, url.href]).toEqual([303, `${link}?error=unavailable`]);
  });

  test("when its network has tried too often; codes are counted with it", async () => {
    expect((await arrive(newPerson(), { on: strict })).error).toBeNull();
    expect(await arrive(newPerson(), { on: strict })).toMatchObject(failed("busy"));
    const client = new Client(strict);
    const codes = [];
    for (let guess = 0; guess < 5; guess += 1)
      codes.push((await send({ code: "gwc_x", verifier: "x" }, { client })).codes[0]);
    expect(codes).toEqual([...Array.from({ length: 4 }, () => "INVALID_TOKEN"), "RATE_LIMITED"]);
    expect((await arrive(newPerson(), { on: strict })).status).toBe(429);
  });
});

describe("a page, and no link to an app, answers", () => {
  const rows = async () =>
    (await app.database.selectFrom("provider_logins").select("id").execute()).map(({ id }) => id);
  const isRefused = async (
    parameters: Readonly<Record<string, string>>,
    text = "not begun this login rightly",
  ) => {
    const before = await rows();
    const arrival = await begin(parameters);
    expect([arrival.status, arrival.trail.length, arrival.headers.has("location")]).toEqual([400, 1, false]);
    expect(arrival.text).toContain(text);
    expect(app.log.join("")).toContain("login refused: no link of LOGIN_APP_LINKS, or no challenge");
    expect(await rows()).toEqual(before);
  };

  describe("another link than a registered one", () => {
    test.each([
      "",
      "/",
      "/there",
      "com.example.app:/login/",
      "com.example.app:/login2",
      "com.example.app:/log",
      "com.example.app:/LOGIN",
      "COM.example.app:/login",
      "com.example.app://login",
      "com.example.app:login",
      "com.example.app:/login?x=1",
      "com.example.app:/login#x",
      "com.example.app:/x/../login",
      " com.example.app:/login",
      "com.example.app:/login\n",
      "com.example.app.evil:/login",
      "evil:/login",
      "https://app.example.com/login/",
      "https://app.example.com/login?x=1",
      "https://app.example.com/login#x",
      "https://app.example.com/",
      "https://app.example.com:443/login",
      "https://app.example.com:8443/login",
      "https://user@app.example.com/login",
      "https://app.example.com@evil.example/login",
      "https://APP.example.com/login",
      "http://app.example.com/login",
      "https://evil.example/login",
      "http://127.0.0.1:49152/other",
      "http://127.0.0.1:49152/back?x=1",
      "http://127.0.0.1:99999/back",
      "http://127.0.0.1:80/back",
      "http://127.0.0.1:080/back",
      "http://127.0.0.1:1@evil.example/back",
      "http://user@127.0.0.1:49152/back",
      "http://127.0.0.2:49152/back",
      "http://localhost:49152/back",
      "https://127.0.0.1:49152/back",
      "http://127.1:49152/back",
      "javascript:alert(1)",
      "data:text/html,x",
    ])("%j", async (place) => {
      await isRefused({ challenge: challengeOf(newVerifier()), return_to: place });
    });
  });

  test("a challenge without a link, and a link without a challenge", async () => {
    await isRefused({ challenge: challengeOf(newVerifier()) });
    await isRefused({ return_to: link });
    await isRefused({ return_to: "https://app.example.com/login" });
  });

  describe("a challenge that is not of the method S256, or a state that nobody needs", () => {
    test.each([
      ["empty", { challenge: "" }],
      ["too short", { challenge: "x".repeat(42) }],
      ["too long", { challenge: "A".repeat(44) }],
      ["in plain base64", { challenge: `${"A".repeat(41)}+A` }],
      ["in another spelling of its bytes", { challenge: `${"A".repeat(42)}B` }],
      ["padded", { challenge: `${"A".repeat(42)}=` }],
      ["of the method plain", { challenge: "A".repeat(43), challenge_method: "plain" }],
      ["of no method", { challenge: "A".repeat(43), challenge_method: "" }],
      ["with an empty state", { challenge: "A".repeat(43), state: "" }],
      ["with a state of many lines", { challenge: "A".repeat(43), state: "a\r\nb" }],
      ["with an endless state", { challenge: "A".repeat(43), state: "x".repeat(501) }],
    ])("%s", async (_, given) => {
      await isRefused({ return_to: link, ...given });
    });
  });
});
