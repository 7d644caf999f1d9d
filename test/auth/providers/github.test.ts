import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { gitHubApi } from "../../../src/auth/providers/github.ts";
import { Client } from "../../harness/client.ts";
import { Browser } from "../../harness/providers/browser.ts";
import {
  type GitHub,
  type GitHubUser,
  newGitHubUser,
  sendJson,
  startGitHub,
} from "../../harness/providers/github.ts";
import { type App, startApp } from "../../harness/server.ts";
import { PrivateDocument, ProfileDocument } from "../../operations/generated/graphql.ts";

let app: App;
let gitHub: GitHub;
let other: GitHub;

beforeAll(async () => {
  [gitHub, other] = await Promise.all([startGitHub("github"), startGitHub("other")]);
  app = await startApp({ IDENTITY_PROVIDERS: JSON.stringify([gitHub.entry, other.entry]) });
});
afterAll(async () => {
  await app.close();
  await Promise.all([gitHub.close(), other.close()]);
});
afterEach(() => {
  Object.assign(gitHub, {
    user: null,
    granted: "user:email",
    iss: `${gitHub.address}/login/oauth`,
    answers: {},
  });
});

const isThere = ({ pathname }: URL) => pathname === "/there";
const isCallback = ({ pathname }: URL) => pathname.endsWith("/callback");

const begin = (browser: Browser, stopsAt = isThere) =>
  browser.open(`${app.origin}/login/github?return_to=/there`, { stopsAt });

const logIn = async (user: GitHubUser | null, browser = new Browser()) => {
  gitHub.user = user;
  const { status, text, url } = await begin(browser);
  return { browser, status, text, path: url.pathname };
};

const isLoggedIn = async (browser: Browser) =>
  (await browser.clientOf(app).run(PrivateDocument)).codes.length === 0;

const accountOf = (id: unknown) =>
  app.database
    .selectFrom("identities")
    .innerJoin("users", "users.id", "identities.user_id")
    .select(["users.id", "users.username", "users.email", "users.email_verified_at as verifiedAt"])
    .select(["identities.issuer", "identities.email as claimed"])
    .where("issuer", "=", gitHub.address)
    .where("subject", "=", String(id))
    .executeTakeFirst();

const primaryOf = ({ emails }: GitHubUser) => emails.find(({ primary }) => primary)?.email ?? "";

describe("a login with GitHub", () => {
  test("makes an account of the number, with the login, the name and the primary verified email", async () => {
    const user = newGitHubUser();
    const { browser, status, path } = await logIn(user);
    expect([status, path]).toEqual([303, "/there"]);
    const email = primaryOf(user);
    const account = await accountOf(user.id);
    expect(account).toMatchObject({ username: user.login, email, claimed: email });
    expect(account?.verifiedAt).toBeInstanceOf(Date);
    const profile = await browser.clientOf(app).run(ProfileDocument);
    expect(profile.data?.viewer).toMatchObject({ displayName: "monalisa octocat" });
  });

  test("asks for the email alone, with a state and a challenge of PKCE, and for no ID token", async () => {
    gitHub.user = newGitHubUser();
    const { trail } = await begin(new Browser());
    const asked = trail.find(({ pathname }) => pathname === "/login/oauth/authorize")?.searchParams;
    expect([...(asked?.keys() ?? [])].sort()).toEqual([
      "client_id",
      "code_challenge",
      "code_challenge_method",
      "redirect_uri",
      "response_type",
      "scope",
      "state",
    ]);
    expect(asked?.get("scope")).toBe("user:email");
  });

  test("is of the same user after a change of login, name and emails; a login that was given up opens nothing", async () => {
    const user = newGitHubUser();
    await logIn(user);
    const before = await accountOf(user.id);
    await logIn({ ...newGitHubUser(), id: user.id });
    expect((await accountOf(user.id))?.id).toBe(before?.id);
    const squatter = newGitHubUser({ login: user.login });
    await logIn(squatter);
    expect((await accountOf(squatter.id))?.id).not.toBe(before?.id);
  });

  test("keeps no token, in no table and no log", async () => {
    await logIn(newGitHubUser());
    const rows = await app.database.selectFrom("identities").selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain("gho_");
    expect(app.log.join("")).not.toContain("gho_");
  });

  test("opens no account by a known email: log in to it, and link", async () => {
    const user = newGitHubUser();
    await app.createUser({ email: primaryOf(user) });
    expect(await logIn(user)).toMatchObject({ status: 409 });
    expect(await accountOf(user.id)).toBeUndefined();
  });

  test("ends when the user says no", async () => {
    expect(await logIn(null)).toMatchObject({ status: 403 });
  });
});

describe("the account has no email of GitHub's", () => {
  const withEmails = (emails: GitHubUser["emails"]) => newGitHubUser({ emails });
  const noEmail = { email: null, verifiedAt: null };
  const address = () => `${crypto.randomUUID()}@example.org`;

  test("when the user grants no emails", async () => {
    for (const granted of ["", "read:user", "user:emails"]) {
      gitHub.granted = granted;
      const user = newGitHubUser();
      expect(await logIn(user)).toMatchObject({ status: 303 });
      expect(await accountOf(user.id)).toMatchObject({ ...noEmail, claimed: null });
    }
  });

  test("when the primary one is not verified, though another is", async () => {
    const unproven = { email: address(), primary: true, verified: false };
    const user = withEmails([{ email: address(), primary: false, verified: true }, unproven]);
    expect(await logIn(user)).toMatchObject({ status: 303 });
    expect(await accountOf(user.id)).toMatchObject({ ...noEmail, claimed: unproven.email });
  });

  test.each(["true", 1, null])("when it is verified with %j", async (verified) => {
    const user = withEmails([{ email: address(), primary: true, verified }]);
    expect(await logIn(user)).toMatchObject({ status: 303 });
    expect(await accountOf(user.id)).toMatchObject(noEmail);
  });

  test("when it is GitHub's own address, where no mail comes", async () => {
    const email = "1+octocat@users.noreply.github.com";
    const user = withEmails([{ email, primary: true, verified: true }]);
    expect(await logIn(user)).toMatchObject({ status: 303 });
    expect(await accountOf(user.id)).toMatchObject({ ...noEmail, claimed: null });
  });

  test("when there is none, or the list is no list", async () => {
    const user = withEmails([]);
    await logIn(user);
    expect(await accountOf(user.id)).toMatchObject(noEmail);
    const another = newGitHubUser();
    gitHub.answers = { emails: (response) => sendJson(response, 200, { email: primaryOf(another) }) };
    await logIn(another);
    expect(await accountOf(another.id)).toMatchObject(noEmail);
  });
});

describe("there is no login", () => {
  const failed = { status: 502, path: "/login/github/callback" };

  test.each([
    ["absent", undefined],
    ["null", null],
    ["a text", "583231"],
    ["zero", 0],
    ["negative", -1],
    ["a fraction", 1.5],
    ["too large to be exact", 2 ** 53],
  ])("by an id that is %s", async (_, id) => {
    const { browser, ...end } = await logIn(newGitHubUser({ id }));
    expect(end).toMatchObject(failed);
    expect(await isLoggedIn(browser)).toBe(false);
  });

  const texts: Readonly<
    Record<string, (status: number) => (response: import("node:http").ServerResponse) => void>
  > = {
    json: (status) => (response) => sendJson(response, status, { message: "No" }),
    html: (status) => (response) =>
      response.writeHead(status, { "content-type": "text/html" }).end("<h1>Unicorn!</h1>"),
  };
  const answers = (["token", "user", "emails"] as const).flatMap((endpoint) =>
    [
      ["json", 401],
      ["json", 403],
      ["json", 404],
      ["json", 429],
      ["json", 500],
      ["html", 502],
      ["html", 200],
    ].map(([type, status]) => [endpoint, String(type), Number(status)] as const),
  );
  test.each(answers)("when the answer of %s is %s with status %d", async (endpoint, type, status) => {
    gitHub.answers = { [endpoint]: texts[type]?.(status) };
    const { browser, ...end } = await logIn(newGitHubUser());
    expect(end).toMatchObject(failed);
    expect(await isLoggedIn(browser)).toBe(false);
  });

  test.each(["token", "user", "emails"] as const)(
    "when the answer of %s is huge, or leads elsewhere",
    async (endpoint) => {
      const huge = `{"id":1,"login":"x","access_token":"x","token_type":"bearer","x":"${"x".repeat(300 * 1024)}"}`;
      gitHub.answers = {
        [endpoint]: (response: import("node:http").ServerResponse) =>
          response.writeHead(200, { "content-type": "application/json" }).end(huge),
      };
      expect(await logIn(newGitHubUser())).toMatchObject(failed);
      gitHub.answers = {
        [endpoint]: (response: import("node:http").ServerResponse) =>
          response.writeHead(302, { location: `${other.address}/api/v3/user` }).end(),
      };
      expect(await logIn(newGitHubUser())).toMatchObject(failed);
    },
  );

  test("by an error that comes with status 200, and the log says which", async () => {
    const error = { error: "incorrect_client_credentials", error_description: "The client_id is incorrect." };
    gitHub.answers = { token: (response) => sendJson(response, 200, error) };
    expect(await logIn(newGitHubUser())).toMatchObject(failed);
    gitHub.answers = {
      token: (response) => sendJson(response, 200, { ...error, access_token: "gho_x", token_type: "bearer" }),
    };
    expect(await logIn(newGitHubUser())).toMatchObject(failed);
    expect(app.log.join("")).toContain("incorrect_client_credentials");
  });

  test("with a token that was revoked since", async () => {
    gitHub.answers = {
      user: (response) => {
        gitHub.revokeAll();
        sendJson(response, 401, { message: "Bad credentials" });
      },
    };
    expect(await logIn(newGitHubUser())).toMatchObject(failed);
  });

  test("when GitHub does not answer in time, and others log in meanwhile", async () => {
    const reached = Promise.withResolvers<void>();
    gitHub.answers = { user: () => reached.resolve() };
    const waiting = logIn(newGitHubUser());
    await reached.promise;
    await new Client(app).logIn(await app.createUser());
    expect(await Promise.race([waiting.then(() => "ended"), Promise.resolve("waiting")])).toBe("waiting");
    expect(await waiting).toMatchObject(failed);
    expect(app.log.join("")).toContain("is too slow");
  });
});

describe("a callback of GitHub is refused", () => {
  const arrive = async (change: (url: URL) => void, browser = new Browser(), as = browser) => {
    gitHub.user = newGitHubUser();
    const { url } = await begin(browser, isCallback);
    change(url);
    const { status } = await as.open(url, { stopsAt: isThere });
    return { status, isIn: await isLoggedIn(as) };
  };

  test("with another state, without one, or in another browser", async () => {
    const expired = { status: 400, isIn: false };
    expect(await arrive((url) => url.searchParams.set("state", "x".repeat(43)))).toEqual(expired);
    expect(await arrive((url) => url.searchParams.delete("state"))).toEqual(expired);
    expect(await arrive(() => undefined, new Browser(), new Browser())).toEqual(expired);
  });

  test("a second time, and with the code of another login", async () => {
    gitHub.user = newGitHubUser();
    const browser = new Browser();
    const { url } = await begin(browser, isCallback);
    expect((await browser.open(url, { stopsAt: isThere })).status).toBe(303);
    expect((await browser.open(url, { stopsAt: isThere })).status).toBe(400);
    const code = url.searchParams.get("code") ?? "";
    expect(await arrive((next) => next.searchParams.set("code", code))).toEqual({ status: 502, isIn: false });
    // One that was not used up is bound to its login by PKCE.
    const { url: stolen } = await begin(new Browser(), isCallback);
    const unused = stolen.searchParams.get("code") ?? "";
    expect(await arrive((next) => next.searchParams.set("code", unused))).toEqual({
      status: 502,
      isIn: false,
    });
  });

  test("of another GitHub of ours, and with an issuer that is not GitHub's", async () => {
    const toOther = await arrive((url) => Object.assign(url, { pathname: "/login/other/callback" }));
    expect(toOther).toEqual({ status: 400, isIn: false });
    for (const iss of [
      `${other.address}/login/oauth`,
      gitHub.address,
      "https://github.com/login/oauth",
      "x",
    ]) {
      const asked = gitHub.asked.token;
      const { status, isIn } = await arrive((url) => url.searchParams.set("iss", iss));
      expect([status, isIn, gitHub.asked.token]).toEqual([502, false, asked]);
    }
  });

  test("but not for a missing issuer: Enterprise Server sends none", async () => {
    gitHub.iss = null;
    expect(await arrive(() => undefined)).toEqual({ status: 303, isIn: true });
  });
});

test.each([
  ["https://github.com", "https://api.github.com"],
  ["https://octocorp.ghe.com", "https://api.octocorp.ghe.com"],
  ["https://github.example.com", "https://github.example.com/api/v3"],
  ["https://evil-github.com", "https://evil-github.com/api/v3"],
])("the API of %s is at %s", (address, api) => {
  expect(gitHubApi(address)).toBe(api);
});
