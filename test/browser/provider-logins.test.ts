// Logins with a real provider in Chromium, from the link on the page to the answer of `private`.
import { sql } from "kysely";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Client } from "../harness/client.ts";
import { messagesTo } from "../harness/mail/inbox.ts";
import { until } from "../harness/mail/mail.ts";
import { type ProviderApp, startProviderApp } from "../harness/providers/app.ts";
import { newPerson } from "../harness/providers/honest.ts";
import type { User } from "../harness/server.ts";
import { codeOf, enrolTotp } from "../harness/sign-in/second-factors.ts";
import { startChromium } from "./chromium.ts";

let browser: Browser;
let app: ProviderApp;
let context: BrowserContext;
let page: Page;
let refused: string[];

beforeAll(async () => {
  [app, browser] = await Promise.all([startProviderApp({}, { LOGIN_CODES: "on" }), startChromium()]);
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

const eventually = <Value>(read: () => Promise<Value>) => expect.poll(read);
const shown = (name: string) => page.locator(`[data-state]:not([hidden]) ${name}`);
const heading = () => shown("h1").textContent();
const alerts = async () =>
  (await page.locator("[role=alert]").allTextContents()).filter((text) => text !== "");
const newEmail = () => `${crypto.randomUUID()}@example.org`;
const newUser = () => app.createUser({ email: newEmail() });
const identities = "/account/identities";
const logInPage = (returnTo = identities) =>
  page.goto(`${app.origin}/login?${new URLSearchParams({ return_to: returnTo })}`);
const withProvider = () => page.getByRole("link", { name: "Log in with Provider honest" });

/** As a front end of this origin asks: with the cookie of the browser. */
const askPrivate = () =>
  page.evaluate(async () => {
    const answer = await fetch("/graphql", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: "{ private { message } }" }),
    });
    const { data } = (await answer.json()) as { data: { private: { message: string } | null } | null };
    return String(data?.private?.message);
  });
const usernameOf = async (subject: string) =>
  (
    await app.database
      .selectFrom("identities")
      .innerJoin("users", "users.id", "identities.user_id")
      .select("users.username")
      .where("subject", "=", subject)
      .executeTakeFirst()
  )?.username;
const logInByPassword = async ({ username, password }: User) => {
  await shown("#username").fill(username);
  await shown("#password").fill(password);
  await page.keyboard.press("Enter");
};
const letLoginAge = (userId: string) =>
  app.database
    .updateTable("sessions")
    .set({ authenticated_at: sql<Date>`now() - interval '15 minutes'` })
    .where("user_id", "=", userId)
    .execute();

describe("the link of a provider on the page to log in", () => {
  test("logs a new person in, and later the same one in another browser, by the keyboard, and leads back", async () => {
    const person = newPerson({ email: newEmail(), email_verified: true, preferred_username: "kim" });
    app.provider.person = person;
    await logInPage();
    expect(await heading()).toBe("Log in");
    await withProvider().focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(app.origin + identities);
    await eventually(heading).toBe("Logins with other services");
    const username = await usernameOf(person.sub);
    expect(await askPrivate()).toContain(String(username));

    // Known now, and without JavaScript until the cookie is there.
    const other = await browser.newContext({ javaScriptEnabled: false, locale: "de" });
    try {
      const tab = await other.newPage();
      await tab.goto(`${app.origin}/login?return_to=${identities}`);
      await tab.getByRole("link", { name: "Mit Provider honest anmelden" }).click();
      await tab.waitForURL(app.origin + identities);
      await context.clearCookies();
      await context.addCookies(await other.cookies());
      expect(await askPrivate()).toContain(String(username));
    } finally {
      await other.close();
    }
  });

  test("asks a person with an authenticator app for a code, before anything is open, and then leads back", async () => {
    const user = await newUser();
    const { secret } = await enrolTotp(app, user);
    const person = newPerson();
    await app.database
      .insertInto("identities")
      .values({
        id: crypto.randomUUID(),
        user_id: user.id,
        provider: "honest",
        issuer: app.provider.issuer,
        subject: person.sub,
        email: null,
        last_used_at: null,
      })
      .execute();
    app.provider.person = person;
    await logInPage();
    await withProvider().click();
    await page.waitForURL(`${app.origin}/account/complete`);
    await eventually(heading).toBe("Confirm that it is you");
    expect(await askPrivate()).toBe("undefined");
    await shown("#code").fill(codeOf(secret));
    await page.keyboard.press("Enter");
    await page.waitForURL(app.origin + identities);
    expect(await askPrivate()).toContain(user.username);
  });

  test("leads a person whose email has an account to log in as before, to link, and in", async () => {
    const user = await newUser();
    const person = newPerson({ email: user.email, email_verified: true });
    app.provider.person = person;
    await logInPage("/");
    await withProvider().click();
    await page.getByRole("heading", { name: "You have an account already" }).waitFor();
    await page.getByRole("link", { name: "Log in to link it" }).click();
    await logInByPassword({ ...user, password: "not this one at all" });
    await eventually(alerts).toEqual(["The username or the password is wrong."]);
    await logInByPassword(user);
    await page.waitForURL(app.origin + identities);
    await page.getByText("There is none yet.").waitFor();
    await page.getByRole("button", { name: "Link Provider honest" }).click();
    await page.getByText(`Provider honest ${user.email}`, { exact: true }).waitFor();
    expect(await shown(".entries .hint").textContent()).toMatch(/^Linked on .*, never used\.$/);

    await context.clearCookies();
    await logInPage();
    await withProvider().click();
    await page.waitForURL(app.origin + identities);
    expect(await askPrivate()).toContain(user.username);
    await eventually(() => shown(".entries .hint").textContent()).toMatch(/last used on/);
  });

  test("leads a person who says no at the provider back to the ways to log in", async () => {
    app.provider.person = null;
    await logInPage();
    await withProvider().click();
    await page.getByRole("link", { name: "Log in", exact: true }).click();
    await eventually(heading).toBe("Log in");
  });
});

describe("the page of logins with providers", () => {
  test("asks for a fresh proof before it links, and before it removes after a second question", async () => {
    const user = await newUser();
    await page.goto(app.origin + identities);
    await eventually(heading).toBe("You are not logged in.");
    await shown("a").click();
    await logInByPassword(user);
    await page.waitForURL(app.origin + identities);
    await letLoginAge(user.id);
    app.provider.person = newPerson({ email: "other@example.net" });
    await page.getByRole("button", { name: "Link Provider honest" }).click();
    await eventually(heading).toBe("Confirm that it is you");
    await shown("#password").fill(user.password);
    await page.keyboard.press("Enter");
    const remove = page.getByRole("button", { name: "Remove Provider honest other@example.net" });
    await remove.click();
    await eventually(heading).toBe("Remove this login?");
    await shown("[data-back]").click();
    await letLoginAge(user.id);
    await remove.click();
    await shown("[type=submit]").click();
    await eventually(heading).toBe("Confirm that it is you");
    await shown("#password").fill(user.password);
    await page.keyboard.press("Enter");
    await page.getByText("There is none yet.").waitFor();
  });

  test("leaves the last way in, and asks a person who can prove nothing else to log in with the provider again", async () => {
    const person = newPerson();
    app.provider.person = person;
    await logInPage();
    await withProvider().click();
    const remove = page.getByRole("button", { name: "Remove Provider honest" });
    await remove.click();
    await shown("[type=submit]").click();
    await eventually(alerts).toEqual([expect.stringContaining("the only way into your account")]);
    const row = await app.database
      .selectFrom("identities")
      .select("user_id as userId")
      .where("subject", "=", person.sub)
      .executeTakeFirstOrThrow();
    await letLoginAge(row.userId);
    await remove.click();
    await shown("[type=submit]").click();
    await eventually(heading).toBe("Please log in again");
    await shown("a").click();
    await page.waitForURL(/\/login\?prompt=login&/);
    // Otherwise its session would be enough, and the login as old as before.
    expect(await withProvider().getAttribute("href")).toMatch(/^\/login\/honest\?prompt=login&/);
    await withProvider().click();
    await page.waitForURL(app.origin + identities);
    await remove.waitFor();
  });

  test("mails the link again to a person whose email must be proven first; so does the page of authenticator apps", async () => {
    const user = await newUser();
    await logInPage();
    await logInByPassword(user);
    await page.waitForURL(app.origin + identities);
    await app.database
      .updateTable("users")
      .set({ email_verified_at: null })
      .where("id", "=", user.id)
      .execute();
    await page.getByRole("button", { name: "Link Provider honest" }).click();
    await eventually(alerts).toEqual([expect.stringContaining("confirm your email first")]);
    await shown("[data-mail-again]").click();
    await eventually(() => shown("[role=status]").textContent()).toBe("The mail was sent again.");
    const mails = () => messagesTo(app.mail.received, user.email ?? "", /Confirm/).length;
    await until(() => mails() === 1);

    await page.goto(`${app.origin}/account/second-factor`);
    expect(await shown("[data-mail-again]").isVisible()).toBe(false);
    await shown("[type=submit]").click();
    await shown("[data-mail-again]").click();
    await eventually(() => shown("[role=status]").textContent()).toBe("The mail was sent again.");
    await until(() => mails() === 2);
  });
});

describe("the other ways to log in of the page", () => {
  test("a password with a second step in place, and a code from a mail, lead back too", async () => {
    const user = await newUser();
    const { secret } = await enrolTotp(app, user);
    await logInPage();
    await logInByPassword(user);
    await eventually(heading).toBe("Confirm that it is you");
    await shown("#code").fill(codeOf(secret));
    await page.keyboard.press("Enter");
    await page.waitForURL(app.origin + identities);
    expect(await askPrivate()).toContain(user.username);

    const mailed = await newUser();
    await context.clearCookies();
    await logInPage();
    await shown("[data-mail]").click();
    await page.keyboard.press("Tab");
    await page.keyboard.type(mailed.email ?? "");
    await page.keyboard.press("Enter");
    await eventually(heading).toBe("Enter the code");
    const code = await until(() => {
      const [found] = messagesTo(app.mail.received, mailed.email ?? "", /log in/);
      return /&code=([\w-]+)/.exec(found?.text ?? "")?.[1];
    });
    await shown("#mailed-code").fill(code);
    await page.keyboard.press("Enter");
    await page.waitForURL(app.origin + identities);
    expect(await askPrivate()).toContain(mailed.username);
  });

  test("a passkey needs no name", async () => {
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
    await logInPage();
    await logInByPassword(user);
    await page.waitForURL(app.origin + identities);
    await page.evaluate(`(async () => {
      const ask = async (query, variables) => {
        const headers = { "content-type": "application/json" };
        const body = JSON.stringify({ query, variables });
        return (await (await fetch("/graphql", { method: "POST", headers, body })).json()).data;
      };
      const { startPasskey } = await ask("mutation { startPasskey { options } }");
      const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(startPasskey.options);
      const response = (await navigator.credentials.create({ publicKey })).toJSON();
      await ask("mutation Add($response: JSONObject!) { addPasskey(response: $response) { message } }", { response });
    })()`);
    await context.clearCookies();
    await logInPage();
    await page.getByRole("button", { name: "Log in with a passkey" }).click();
    await page.waitForURL(app.origin + identities);
    expect(await askPrivate()).toContain(user.username);
  });

  test("a forgotten password is set by a link from a mail", async () => {
    const user = await newUser();
    await logInPage();
    await shown("[data-reset]").click();
    await shown("#address").fill(user.email ?? "");
    await page.keyboard.press("Enter");
    await eventually(heading).toBe("Look into your mailbox.");
    await until(() => messagesTo(app.mail.received, user.email ?? "", /new password/).length === 1);
    const client = new Client(app);
    await client.logIn(user);
  });
});
