import { sql } from "kysely";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Client } from "../harness/client.ts";
import { messagesTo } from "../harness/mail/inbox.ts";
import { readOutbox, until } from "../harness/mail/mail.ts";
import { type App, startApp } from "../harness/server.ts";
import { nextCode } from "../harness/sign-in/mailed-codes.ts";
import { codeOf, enrolTotp } from "../harness/sign-in/second-factors.ts";
import { SecondFactorsDocument } from "../operations/generated/graphql.ts";
import { startChromium } from "./chromium.ts";

let browser: Browser;
let app: App;
let context: BrowserContext;
let page: Page;
let refused: string[];

beforeAll(async () => {
  app = await startApp({ LOGIN_CODES: "on", SECOND_FACTOR: "ADMIN" });
  browser = await startChromium();
});
afterAll(async () => {
  await browser?.close();
  await app?.close();
});
beforeEach(async () => {
  context = await browser.newContext();
  page = await open(context);
});
afterEach(async () => {
  await context.close();
  expect(refused).toEqual([]);
});

/** Notes what the policy of the page refuses. */
const open = async (from: BrowserContext) => {
  refused = [];
  const tab = await from.newPage();
  tab.on("console", (message) => {
    if (/Content.Security.Policy/i.test(message.text())) refused.push(message.text());
  });
  return tab;
};

const newUser = (roles: readonly string[] = []) =>
  app.createUser({ email: `${crypto.randomUUID()}@example.org`, roles: [...roles] });
/** Longer than a request of a busy machine. */
const eventually = <Value>(read: () => Promise<Value>) => expect.poll(read);
const headingOf = (tab: Page) => tab.locator("[data-state]:not([hidden]) h1").textContent();
const heading = () => headingOf(page);
const focused = () =>
  page.evaluate(() => Reflect.get(Reflect.get(globalThis, "document"), "activeElement").textContent);
const alerts = async () =>
  (await page.locator("[role=alert]").allTextContents()).filter((text) => text !== "");
const shown = (name: string) => page.locator(`[data-state]:not([hidden]) ${name}`);

/** The front end of the service: it asks, and keeps no token. */
const ask = (tab: Page, query: string, variables: object = {}) =>
  tab.evaluate(
    async ([text, values]) => {
      const body = JSON.stringify({ query: text, variables: values });
      const headers = { "content-type": "application/json" };
      const answer = await fetch("/graphql", { method: "POST", headers, body });
      return (await answer.json()) as { data: Record<string, Record<string, unknown> | null> };
    },
    [query, variables] as const,
  );
const requestIn = async (tab: Page, email: string) => {
  await tab.goto(`${app.origin}/account/complete`);
  await ask(tab, "mutation Ask($email: String!) { requestLoginCode(email: $email) { message } }", { email });
  return until(async () => {
    const [found] = messagesTo(await readOutbox(app.config.dataDir), email, /log in/);
    return /http:\/\/\S+#token=\S+/.exec(found?.text ?? "")?.[0];
  });
};
const logInByPassword = (tab: Page, user: { username: string; password: string }) =>
  ask(
    tab,
    `mutation LogIn($username: String!, $password: String!) {
      login(username: $username, password: $password, mode: SESSION) { userId challenge { pendingToken methods } } }`,
    { username: user.username, password: user.password },
  );
const viewerIn = async (tab: Page) => (await ask(tab, "{ viewer { id } }")).data.viewer?.id ?? null;

describe("the page of a mailed code", () => {
  test("logs in by the keyboard alone, after a GET that changes nothing, and keeps neither code nor token", async () => {
    const user = await newUser();
    const link = await requestIn(page, user.email);
    await fetch(link);
    await page.goto(link);
    expect(page.url()).toBe(`${app.origin}/account/login`);
    expect([await heading(), await focused()]).toEqual(["Log in", "Log in"]);
    expect(await viewerIn(page)).toBeNull();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await eventually(heading).toBe("You are logged in.");
    expect(await focused()).toBe("You are logged in.");
    expect(await viewerIn(page)).toBe(user.id);
    expect(await shown("a").getAttribute("href")).toBe("/");

    await page.goto("about:blank");
    await page.goto(link);
    await shown("[type=submit]").click();
    await eventually(heading).toBe("This browser cannot use the link.");
  });

  test("in another browser than the one that asked says so, and shows the code to type there", async () => {
    const user = await newUser();
    const link = await requestIn(page, user.email);
    const other = await browser.newContext();
    try {
      const tab = await open(other);
      await tab.goto(link);
      await tab.locator("[type=submit]:visible").click();
      await eventually(() => headingOf(tab)).toBe("This browser cannot use the link.");
      expect(await tab.locator("[data-code]").textContent()).toBe(await nextCode(app, user.email));
      expect(await viewerIn(tab)).toBeNull();
    } finally {
      await other.close();
    }
    // The link was not spent by it.
    await page.goto(link);
    await shown("[type=submit]").click();
    await eventually(heading).toBe("You are logged in.");
  });

  test("goes on with the second step: an empty and a wrong code are said beside the field, a recovery code works too, and the browser is trusted", async () => {
    const user = await newUser();
    const { recoveryCodes } = await enrolTotp(app, user);
    await page.goto(await requestIn(page, user.email));
    await shown("[type=submit]").press("Enter");
    await eventually(heading).toBe("Confirm that it is you");
    await shown("[type=submit]").press("Enter");
    await eventually(alerts).toEqual(["Enter a code."]);
    await page.keyboard.type("000000");
    await page.keyboard.press("Enter");
    await eventually(alerts).toEqual(["This code is not right. It may have been used already."]);
    expect(await shown("#code").getAttribute("aria-invalid")).toBe("true");
    expect(await viewerIn(page)).toBeNull();

    await shown("[data-use-recovery]").press("Enter");
    await page.keyboard.type(recoveryCodes[0] ?? "");
    await shown("#trust").check();
    await page.keyboard.press("Tab");
    await shown("[type=submit]").press("Enter");
    await eventually(heading).toBe("You are logged in.");
    expect(await viewerIn(page)).toBe(user.id);
    expect((await context.cookies()).map(({ name }) => name)).toContain("graphward-trusted");
  });

  test("leads a user who must have a second factor, and has none, to adding one", async () => {
    const user = await newUser(["ADMIN"]);
    await page.goto(await requestIn(page, user.email));
    await shown("[type=submit]").click();
    await eventually(heading).toBe("Add a second factor");
    await shown("a").click();
    await eventually(heading).toBe("Add an authenticator app");
    await shown("[type=submit]").click();
    await eventually(heading).toBe("Scan this code with the app");
  });

  test("asks for the link when it has none, or only half of it", async () => {
    for (const hash of ["", "#token=invented", "#code=ABCD-EFGH"]) {
      await page.goto("about:blank");
      await page.goto(`${app.origin}/account/login${hash}`);
      await eventually(heading).toBe("This page needs the link from your mail.");
    }
  });
});

describe("the page that completes a login", () => {
  test("takes the pending token of another page from the fragment, asks for the code, and leads to no page that the fragment names", async () => {
    const user = await newUser();
    const { secret } = await enrolTotp(app, user);
    await page.goto(`${app.origin}/account/complete`);
    expect(await heading()).toBe("This login is no longer valid.");
    const { data } = await logInByPassword(page, user);
    const challenge = data.login?.challenge as { pendingToken: string; methods: string[] } | undefined;
    if (challenge === undefined) throw new Error("The login was not asked for a second factor.");
    const { pendingToken, methods } = challenge;
    await page.goto("about:blank");
    const parts = {
      token: pendingToken,
      methods: methods.join(),
      next: "https://example.net/login/x/return",
    };
    await page.goto(`${app.origin}/account/complete#${new URLSearchParams(parts)}`);
    expect(page.url()).toBe(`${app.origin}/account/complete`);
    expect(await shown("[data-passkey]").isVisible()).toBe(false);
    await shown("#code").fill(codeOf(secret));
    await page.keyboard.press("Enter");
    await eventually(heading).toBe("You are logged in.");
    expect(await viewerIn(page)).toBe(user.id);
  });

  test("says when the login is no longer waiting", async () => {
    await page.goto(`${app.origin}/account/complete#token=gwp_${"0".repeat(49)}`);
    await shown("#code").fill("123456");
    await page.keyboard.press("Enter");
    await eventually(heading).toBe("This login is no longer valid.");
  });

  test("asks for a recovery code alone where the app is not among the methods", async () => {
    const token = `gwp_${"0".repeat(49)}`;
    await page.goto(`${app.origin}/account/complete#token=${token}&methods=PASSKEY,RECOVERY_CODE`);
    expect(await shown("#recovery").isVisible()).toBe(true);
    expect([await shown("#code").isVisible(), await shown("[data-use-code]").isVisible()]).toEqual([
      false,
      false,
    ]);
  });
});

describe("the page that adds an authenticator app", () => {
  test("shows the QR code, the secret and the codes, in German and under the policy, and asks for the password first when the login is old", async () => {
    const german = await browser.newContext({
      locale: "de-AT",
      permissions: ["clipboard-write", "clipboard-read"],
    });
    page = await open(german);
    try {
      const user = await newUser();
      await page.goto(`${app.origin}/account/second-factor`);
      await shown("[type=submit]").click();
      await eventually(heading).toBe("Sie sind nicht angemeldet.");
      await logInByPassword(page, user);
      await app.database
        .updateTable("sessions")
        .set({ authenticated_at: sql<Date>`now() - interval '15 minutes'` })
        .where("user_id", "=", user.id)
        .execute();
      await page.reload();
      await shown("[type=submit]").press("Enter");
      await eventually(heading).toBe("Bestätigen Sie, dass Sie es sind");
      expect(await shown("#proof").isVisible()).toBe(false);
      await shown("#password").fill("not the password of it");
      await page.keyboard.press("Enter");
      await eventually(alerts).toEqual(["Das ist nicht das Passwort des Kontos."]);
      await shown("#password").fill(user.password);
      await page.keyboard.press("Enter");

      await eventually(heading).toBe("Scannen Sie diesen Code mit der App");
      const image = shown("[data-qr]");
      await eventually(() => image.evaluate((it) => Reflect.get(it, "naturalWidth"))).toBeGreaterThan(20);
      expect(await image.getAttribute("alt")).toMatch(/QR-Code/);
      const secret = ((await shown("[data-secret]").textContent()) ?? "").replaceAll(" ", "");
      expect(await shown("[data-uri]").getAttribute("href")).toContain(`secret=${secret}`);
      await shown("#code").fill("000000");
      await page.keyboard.press("Enter");
      await eventually(alerts).toEqual([expect.stringContaining("Dieser Code stimmt nicht.")]);
      await shown("#code").fill(codeOf(secret));
      await page.keyboard.press("Enter");

      await eventually(heading).toBe("Bewahren Sie diese Wiederherstellungscodes auf");
      const codes = await shown("[data-codes] li").allTextContents();
      expect(codes).toHaveLength(10);
      await shown("[data-copy]").click();
      await eventually(() => shown("[role=status]").textContent()).toBe("Die Codes sind kopiert.");
      expect(await page.content()).not.toContain(secret);
      const client = new Client(app);
      await client.logIn(user).catch(() => undefined);
      expect((await client.run(SecondFactorsDocument)).codes).toEqual(["UNAUTHENTICATED"]);
    } finally {
      await german.close();
    }
  });

  test("asks a user with nothing but a mailbox for a code from it, and a user with a factor for that", async () => {
    const user = await newUser();
    await page.goto(await requestIn(page, user.email));
    await shown("[type=submit]").click();
    await eventually(heading).toBe("You are logged in.");
    await app.database.updateTable("users").set({ password_hash: null }).where("id", "=", user.id).execute();
    const age = () =>
      app.database
        .updateTable("sessions")
        .set({
          authenticated_at: sql<Date>`now() - interval '15 minutes'`,
          second_factor_at: sql<Date>`now() - interval '15 minutes'`,
        })
        .where("user_id", "=", user.id)
        .execute();
    await age();
    await page.goto(`${app.origin}/account/second-factor`);
    await shown("[type=submit]").click();
    await eventually(heading).toBe("Confirm that it is you");
    expect(await shown("#password").isVisible()).toBe(false);
    await shown("#proof").fill(await nextCode(app, user.email, { count: 2 }));
    await page.keyboard.press("Enter");
    await eventually(heading).toBe("Scan this code with the app");
    const secret = ((await shown("[data-secret]").textContent()) ?? "").replaceAll(" ", "");
    await shown("#code").fill(codeOf(secret, { steps: -1 }));
    await page.keyboard.press("Enter");
    await eventually(heading).toBe("Keep these recovery codes");
    const [recoveryCode = ""] = await shown("[data-codes] li").allTextContents();

    await age();
    await page.reload();
    await shown("[type=submit]").click();
    await eventually(heading).toBe("Confirm that it is you");
    await shown("#proof").fill(recoveryCode);
    await page.keyboard.press("Enter");
    await eventually(heading).toBe("Scan this code with the app");
  });

  test("says that the email must be proven first", async () => {
    const user = await newUser();
    await page.goto(`${app.origin}/account/second-factor`);
    await logInByPassword(page, user);
    await app.database
      .updateTable("users")
      .set({ email_verified_at: null })
      .where("id", "=", user.id)
      .execute();
    await shown("[type=submit]").click();
    await eventually(alerts).toEqual([expect.stringContaining("confirm your email first")]);
  });
});

test("a passkey is the second step of a mailed code, and the fresh proof before an app is added", async () => {
  const devtools = await context.newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  const user = await newUser();
  await page.goto(`${app.origin}/account/complete`);
  await logInByPassword(page, user);
  const { data } = await ask(page, "mutation { startPasskey { options } }");
  const created = await page.evaluate(`(async () => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(${JSON.stringify(data.startPasskey?.options)});
    return (await navigator.credentials.create({ publicKey })).toJSON();
  })()`);
  await ask(page, "mutation Add($response: JSONObject!) { addPasskey(response: $response) { message } }", {
    response: created,
  });
  await ask(page, "mutation { logout { message } }");

  await page.goto(await requestIn(page, user.email));
  await shown("[type=submit]").click();
  await eventually(heading).toBe("Confirm that it is you");
  await shown("[data-passkey]").press("Enter");
  await eventually(heading).toBe("You are logged in.");
  expect(await viewerIn(page)).toBe(user.id);

  await app.database
    .updateTable("sessions")
    .set({ authenticated_at: sql<Date>`now() - interval '15 minutes'` })
    .where("user_id", "=", user.id)
    .execute();
  await page.goto(`${app.origin}/account/second-factor`);
  await shown("[type=submit]").click();
  await eventually(heading).toBe("Confirm that it is you");
  await shown("[data-passkey]").press("Enter");
  await eventually(heading).toBe("Scan this code with the app");
});
