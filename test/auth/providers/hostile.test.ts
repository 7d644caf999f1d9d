import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Client } from "../../harness/client.ts";
import { Browser } from "../../harness/providers/browser.ts";
import {
  clientId,
  type HostileProvider,
  type Lie,
  otherKey,
  startHostileProvider,
  subject,
} from "../../harness/providers/hostile.ts";
import { type App, findFreePort, startApp } from "../../harness/server.ts";
import { PrivateDocument } from "../../operations/generated/graphql.ts";
import { foreignPlaces } from "./foreign-places.ts";

let app: App;
let first: HostileProvider;
let second: HostileProvider;
/** The slow provider was asked. */
const slow = Promise.withResolvers<void>();
const closers: (() => Promise<unknown>)[] = [];

const serve = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener).listen(0);
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://localhost:${(server.address() as AddressInfo).port}`;
};

beforeAll(async () => {
  first = await startHostileProvider("first");
  second = await startHostileProvider("second");
  const ofAnother = { issuer: first.issuer, authorization_endpoint: `${first.issuer}/authorize` };
  const lying = await serve((_, response) =>
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(ofAnother)),
  );
  const unreachable = {
    huge: await serve((_, response) => response.end(`{"issuer":"${"x".repeat(300 * 1024)}"}`)),
    redirecting: await serve((request, response) =>
      response.writeHead(302, { location: first.issuer + request.url }).end(),
    ),
    down: `http://localhost:${await findFreePort()}`,
    "without-a-name": "https://provider.invalid",
    private: "https://10.20.30.40",
    metadata: "https://169.254.169.254",
    "of-another-issuer": lying,
    "by-its-discovery": `${lying}/.well-known/openid-configuration`,
    slow: await serve(() => slow.resolve()),
  };
  const rest = { clientId, clientSecret: "another secret", name: "Nobody" };
  const entries = Object.entries(unreachable).map(([id, issuer]) => ({ id, issuer, ...rest }));
  app = await startApp({ IDENTITY_PROVIDERS: JSON.stringify([first.entry, second.entry, ...entries]) });
});
afterAll(async () => {
  await app.close();
  await Promise.all([first.close(), second.close(), ...closers.map((close) => close())]);
});
afterEach(() => {
  first.lie = {};
});

const isThere = ({ pathname }: URL) => pathname === "/there";
const open = (browser: Browser, id = "first", stopsAt = isThere) =>
  browser.open(`${app.origin}/login/${id}?return_to=/there`, { stopsAt });
const isCallback = ({ pathname }: URL) => pathname.endsWith("/callback");

const isLoggedIn = async (browser: Browser) =>
  (await browser.clientOf(app).run(PrivateDocument)).codes.length === 0;

const logInWith = async (lie: Lie) => {
  first.lie = lie;
  const browser = new Browser();
  const { status, url } = await open(browser);
  return { status, path: url.pathname, isIn: await isLoggedIn(browser) };
};

test("without a lie, the provider logs in: each refusal below is for its lie", async () => {
  expect(await logInWith({})).toEqual({ status: 303, path: "/there", isIn: true });
});

const says = (values: object) => (target: object) => void Object.assign(target, values);
const leavesOut = (name: string) => (target: object) => void Reflect.deleteProperty(target, name);

const now = () => Math.floor(Date.now() / 1000);

describe("no login by an ID token", () => {
  test.each<[string, Lie]>([
    ["of another issuer", { claims: says({ iss: "https://evil.example" }) }],
    ["of another provider of ours", { claims: (claims) => says({ iss: second.issuer })(claims) }],
    ["for another audience", { claims: says({ aud: "another client" }) }],
    ["for several audiences without azp", { claims: says({ aud: [clientId, "another"] }) }],
    [
      "for several audiences, issued to another",
      { claims: says({ aud: [clientId, "another"], azp: "another" }) },
    ],
    ["issued to another party", { claims: says({ azp: "another client" }) }],
    ["with another nonce", { claims: says({ nonce: "another nonce" }) }],
    ["without a nonce", { claims: leavesOut("nonce") }],
    ["that has expired", { claims: says({ exp: now() - 3600 }) }],
    ["that never expires", { claims: leavesOut("exp") }],
    ["of tomorrow", { claims: says({ nbf: now() + 86_400 }) }],
    ["without a subject", { claims: leavesOut("sub") }],
    ["with a subject that is no text", { claims: says({ sub: 7 }) }],
    ["with an endless subject", { claims: says({ sub: "x".repeat(300), email: "a@example.org" }) }],
    ["with an empty subject", { claims: says({ sub: " " }) }],
    ["with a subject that cannot be stored", { claims: says({ sub: "a\0b" }) }],
    ["with half a character as the subject", { claims: says({ sub: "u\ud800" }) }],
    ["signed by another key", { key: otherKey() }],
    ["signed by another key that names itself", { key: otherKey(), header: { kid: "another" } }],
    ["that is not signed", { key: "none", header: { alg: "none" } }],
    ["whose signature was cut off", { key: "none" }],
    [
      "signed with the client's secret",
      { key: { hmac: "a secret that is not checked" }, header: { alg: "HS256" } },
    ],
    ["of an algorithm that is not offered", { header: { alg: "RS512" } }],
  ])("%s", async (_, lie) => {
    expect(await logInWith(lie)).toEqual({ status: 502, path: "/login/first/callback", isIn: false });
    expect(app.log.join("")).toContain("login with an identity provider failed");
  });
});

test("a login that fails leads on to the page to log in, and from there to where it was to lead", async () => {
  first.lie = { claims: leavesOut("nonce") };
  const { text } = await open(new Browser());
  expect(text).toMatch(/<a href="\/login\?return_to=[^"]*there"/);
});

test("user info about another subject is not believed", async () => {
  expect(await logInWith({ userInfo: { sub: "somebody else", email: "a@example.org" } })).toMatchObject({
    status: 502,
    isIn: false,
  });
});

test("of an error that a provider sends, only a code gets into the log, and nothing on the page", async () => {
  const saying = (error: string): Lie => ({
    redirect(url) {
      url.searchParams.delete("code");
      url.searchParams.set("error", error);
      url.searchParams.set("error_description", "described-by-the-provider");
    },
  });
  for (const error of ["invalid_scope", "Call us, and tell us your secret", "x".repeat(51)]) {
    first.lie = saying(error);
    const { status, text } = await open(new Browser());
    expect(status).toBe(502);
    expect(text).not.toContain(error);
  }
  const log = app.log.join("");
  expect(log).toContain("The provider says invalid_scope.");
  expect(log).not.toMatch(/Call us|x{51}|described-by-the-provider/);
});

describe("no login by a callback", () => {
  const arrive = async (change: (url: URL) => void, browser = new Browser(), as = browser) => {
    const { url } = await open(browser, "first", isCallback);
    change(url);
    const { status } = await as.open(url, { stopsAt: isThere });
    return { status, isIn: await isLoggedIn(as) };
  };
  const expired = { status: 400, isIn: false };

  test("in another browser than the one that began, with a cookie of its own or without", async () => {
    const victim = new Browser();
    expect(await arrive(() => undefined, new Browser(), victim)).toEqual(expired);
    await open(victim, "first", isCallback);
    expect(await arrive(() => undefined, new Browser(), victim)).toEqual(expired);
  });

  test("a second time", async () => {
    const browser = new Browser();
    const { url } = await open(browser, "first", isCallback);
    expect((await browser.open(url, { stopsAt: isThere })).status).toBe(303);
    expect((await browser.open(url, { stopsAt: isThere })).status).toBe(400);
    const twice = await open(browser, "first", isCallback);
    const answers = await Promise.all([1, 2, 3].map(() => browser.open(twice.url, { stopsAt: isThere })));
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 400, 400]);
  });

  test("after ten minutes", async () => {
    const browser = new Browser();
    const { url } = await open(browser, "first", isCallback);
    await app.database
      .updateTable("provider_logins")
      .set({ expires_at: sql<Date>`expires_at - interval '10 minutes'` })
      .execute();
    expect((await browser.open(url, { stopsAt: isThere })).status).toBe(400);
  });

  test("without a state, with another, with two, or with the end of one", async () => {
    const change = (to: (state: string) => string | null) => (url: URL) => {
      const state = url.searchParams.get("state") ?? "";
      const changed = to(state);
      if (changed === null) url.searchParams.delete("state");
      else url.searchParams.set("state", changed);
    };
    for (const to of [() => null, () => "", () => "x".repeat(43), (state: string) => state.slice(1)])
      expect(await arrive(change(to))).toEqual(expired);
    expect(await arrive((url) => url.searchParams.append("state", "x".repeat(43)))).toEqual({
      status: 502,
      isIn: false,
    });
  });

  test("of another provider: the answer of one is not taken for the other's (mix-up)", async () => {
    expect(await arrive(says({ pathname: "/login/second/callback" }))).toEqual(expired);
    expect(await arrive((url) => url.searchParams.set("iss", second.issuer))).toEqual({
      status: 502,
      isIn: false,
    });
  });

  test("with the code of another login", async () => {
    const browser = new Browser();
    const earlier = await open(browser, "first", isCallback);
    const code = earlier.url.searchParams.get("code") ?? "";
    expect(await arrive((url) => url.searchParams.set("code", code), browser)).toEqual({
      status: 502,
      isIn: false,
    });
  });
});

describe("a login leads nowhere else", () => {
  test("than to a place of ours, at its beginning and after a second step", async () => {
    expect(foreignPlaces.length).toBeGreaterThanOrEqual(40);
    // An empty one is one that was left out.
    for (const place of foreignPlaces.filter((it) => it !== "" && it.length < 2000))
      for (const step of ["", "/return"]) {
        const query = new URLSearchParams({ return_to: place });
        const { status, trail } = await new Browser().open(`${app.origin}/login/first${step}?${query}`);
        expect([place, step, status, trail.length]).toEqual([place, step, 400, 1]);
      }
    expect(app.log.join("")).toContain("login refused: return_to is of no origin in LOGIN_RETURN_TO");
  });
});

describe("a provider whose discovery is wrong", () => {
  test.each([
    "huge",
    "redirecting",
    "down",
    "without-a-name",
    "private",
    "metadata",
    "of-another-issuer",
    "by-its-discovery",
  ])("is unavailable, and nobody else is: %s", async (id) => {
    const { status, trail } = await open(new Browser(), id);
    expect([status, trail.length]).toEqual([503, 1]);
    expect(app.log.join("")).toContain("identity provider unavailable");
    const user = await app.createUser();
    await new Client(app).logIn(user);
  });

  test("is unavailable when it is slow, and others log in meanwhile", async () => {
    const waiting = open(new Browser(), "slow");
    await slow.promise;
    const user = await app.createUser();
    await new Client(app).logIn(user);
    expect(await logInWith({})).toMatchObject({ isIn: true });
    expect(await Promise.race([waiting.then(() => "ended"), Promise.resolve("waiting")])).toBe("waiting");
    const { status, text, trail } = await waiting;
    expect([status, trail.length]).toEqual([503, 1]);
    expect(text).toContain("Nobody does not answer");
  });

  test("is unavailable when it offers no algorithm that we accept", async () => {
    const lying = await startHostileProvider("lying");
    lying.lie = {
      discovery: says({ id_token_signing_alg_values_supported: ["HS256", "none"] }),
    };
    const other = await startApp({ IDENTITY_PROVIDERS: JSON.stringify([lying.entry]) });
    const { status } = await new Browser().open(`${other.origin}/login/lying`);
    await other.close();
    await lying.close();
    expect(status).toBe(503);
  });
});

test("the subject is the key: what the provider says of the email later changes nothing", async () => {
  const rows = await app.database
    .selectFrom("identities")
    .selectAll()
    .where("subject", "=", subject)
    .execute();
  expect(rows).toHaveLength(1);
  expect(rows[0]?.issuer).toBe(first.issuer);
});
