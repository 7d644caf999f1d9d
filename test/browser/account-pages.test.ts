import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startApplication } from "../harness/application.ts";
import { Client } from "../harness/client.ts";
import { messagesTo } from "../harness/mail/inbox.ts";
import { readOutbox, until } from "../harness/mail/mail.ts";
import { type App, startApp } from "../harness/server.ts";
import {
  ChangeEmailDocument,
  LogInDocument,
  RegisterDocument,
  RequestPasswordResetDocument,
} from "../operations/generated/graphql.ts";
import { startChromium } from "./chromium.ts";

let browser: Browser;
let app: App;
let context: BrowserContext;
let page: Page;
let asked: string[];

beforeAll(async () => {
  app = await startApp();
  browser = await startChromium();
});
afterAll(async () => {
  await browser?.close();
  await app?.close();
});
beforeEach(async () => {
  context = await browser.newContext();
  page = await context.newPage();
  asked = [];
  page.on("request", (request) => asked.push(request.url()));
});
afterEach(() => context.close());

const password = "a quiet tram at dawn";
const register = async () => {
  const username = `person-${randomBytes(5).toString("hex")}`;
  const person = { username, email: `${username}@example.org`, password };
  await new Client(app).run(RegisterDocument, { input: person });
  return person;
};
const linkTo = (email: string, subject: RegExp) =>
  until(async () => {
    const [found] = messagesTo(await readOutbox(app.config.dataDir), email, subject);
    return /http:\/\/\S+#token=\w+/.exec(found?.text ?? "")?.[0];
  });
const isVerified = async ({ email }: { email: string }) =>
  (await new Client(app).run(LogInDocument, { username: email, password })).codes.length === 0;
const heading = () => page.locator("[data-state]:not([hidden]) h1").textContent();
const alerts = async () =>
  (await page.locator("[role=alert]").allTextContents()).filter((text) => text !== "");
const press = () => page.locator("[type=submit]").press("Enter");

describe("the page that proves an address", () => {
  test("spends nothing when it is opened, says what a wrong password is, and is done by the keyboard alone", async () => {
    const person = await register();
    const link = await linkTo(person.email, /Confirm/);
    await fetch(link);
    await page.goto(link);
    expect(page.url()).toBe(link.replace(/#.*/, ""));
    expect(await isVerified(person)).toBe(false);

    await press();
    await expect.poll(alerts).toEqual(["You are not logged in to this account. Enter its password."]);
    await page.keyboard.type("not this one at all");
    await page.keyboard.press("Enter");
    await expect.poll(alerts).toEqual(["This is not the password of the account."]);
    await page.locator("#password").fill(password);
    await page.keyboard.press("Enter");
    await expect.poll(heading).toBe("Your email is confirmed.");
    expect(await isVerified(person)).toBe(true);

    const secret = link.split("token=")[1] ?? "?";
    expect(asked.filter((url) => url.includes(secret) || !url.startsWith(app.origin))).toEqual([]);
    await page.goto("about:blank");
    await page.goto(link);
    await press();
    await expect.poll(heading).toBe("This link is no longer valid.");
  });

  test("asks for the link when it has none", async () => {
    await page.goto(`${app.origin}/account/verify`);
    expect(await heading()).toBe("This page needs the link from your mail.");
  });
});

test("the page that sets a password names a broken rule beside the field, and keeps the link for a better one", async () => {
  const person = await register();
  await new Client(app).run(RequestPasswordResetDocument, { email: person.email });
  await page.goto(await linkTo(person.email, /new password/));
  const field = page.locator("input").first();
  await field.fill("qwerty123456");
  await press();
  await expect.poll(alerts).toEqual([expect.stringContaining("too common")]);
  await field.fill("seven herons on the weir");
  await press();
  await expect.poll(heading).toBe("Your password is set.");
  const login = { username: person.username, password: "seven herons on the weir" };
  expect((await new Client(app).run(LogInDocument, login)).codes).toEqual([]);
});

test("the pages that change an address and take that back do so once, by a click only", async () => {
  const email = `owner-${randomBytes(5).toString("hex")}@example.org`;
  const user = await app.createUser({ email });
  const client = new Client(app);
  await client.logIn(user);
  const next = `next-${email}`;
  await client.run(ChangeEmailDocument, { email: next });
  const emailOf = async () =>
    (await client.run<{ viewer: { email: string } | null }, object>("{ viewer { email } }")).data?.viewer
      ?.email;

  const confirming = await linkTo(next, /new email/);
  await page.goto(confirming);
  expect(await emailOf()).toBe(email);
  await press();
  await expect.poll(heading).toBe("Your email is changed.");
  expect(await emailOf()).toBe(next);

  const undoing = await linkTo(email, /email was changed/);
  await page.goto(undoing);
  expect(await emailOf()).toBe(next);
  await press();
  await expect.poll(heading).toBe("Your old email is restored.");
  expect(await emailOf()).toBeUndefined();
  expect(await linkTo(email, /new password/)).toMatch(/\/account\/reset#/);

  for (const link of [confirming, undoing]) {
    await page.goto("about:blank");
    await page.goto(link);
    await press();
    await expect.poll(heading).toBe("This link is no longer valid.");
  }
});

describe("a branded service, in German", () => {
  let branded: App;
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "graphward-logo-"));
    const logo = join(directory, "logo.svg");
    await writeFile(
      logo,
      '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20"/></svg>',
    );
    branded = await startApplication({
      brand: {
        name: "M\u00fcller & S\u00f6hne",
        logo,
        color: "#ffdd00",
        supportAddress: "hilfe@example.com",
      },
    });
  });
  afterAll(async () => {
    await branded?.close();
    await rm(directory, { recursive: true });
  });

  test("shows its name, logo, color and support address, and every text of the script in German", async () => {
    const german = await browser.newContext({ locale: "de-AT", colorScheme: "light" });
    const tab = await german.newPage();
    const refused: string[] = [];
    tab.on("console", (message) => refused.push(message.text()));
    try {
      const username = `person-${randomBytes(5).toString("hex")}`;
      const email = `${username}@example.org`;
      await new Client(branded).run(RegisterDocument, { input: { username, email, password } });
      await new Client(branded).run(RequestPasswordResetDocument, { email });
      const link = await until(async () => {
        const [found] = messagesTo(await readOutbox(branded.config.dataDir), email, /new password/);
        return /http:\/\/\S+#token=\w+/.exec(found?.text ?? "")?.[0];
      });
      await tab.goto(link);
      expect(await tab.locator("html").getAttribute("lang")).toBe("de");
      expect(await tab.locator(".service").textContent()).toBe("M\u00fcller & S\u00f6hne");
      expect(await tab.locator(".logo").evaluate((image) => Reflect.get(image, "naturalWidth"))).toBe(40);
      expect(await tab.locator(".support a").getAttribute("href")).toBe("mailto:hilfe@example.com");
      const style = (name: string) =>
        tab
          .locator("[type=submit]")
          .evaluate(
            (button, it) => Reflect.get(globalThis, "getComputedStyle")(button).getPropertyValue(it),
            name,
          );
      expect([await style("background-color"), await style("color")]).toEqual([
        "rgb(255, 221, 0)",
        "rgb(0, 0, 0)",
      ]);

      const alert = () => tab.locator("[role=alert]").filter({ hasText: /./ }).allTextContents();
      const submit = () => tab.locator("[type=submit]").press("Enter");
      await submit();
      await expect.poll(alert).toEqual(["Geben Sie ein Passwort ein."]);
      await tab.locator("#password").fill("kurz");
      await submit();
      await expect.poll(alert).toEqual(["Ein Passwort muss mindestens 12 Zeichen haben."]);
      const toggle = tab.locator("[data-toggle]");
      await toggle.click();
      expect([await toggle.textContent(), await toggle.getAttribute("aria-label")]).toEqual([
        "Verbergen",
        "Passwort verbergen",
      ]);
      await tab.locator("#password").fill("sieben Reiher am Wehr");
      await submit();
      await expect
        .poll(() => tab.locator("[data-state]:not([hidden]) h1").textContent())
        .toBe("Ihr Passwort ist gesetzt.");
      // Nothing was refused by the policy. A refusal of the API is logged by its status.
      expect(refused.filter((text) => /Content.Security.Policy/i.test(text))).toEqual([]);
    } finally {
      await german.close();
    }
  });

  test("waits are written in the page's language", async () => {
    const german = await browser.newContext({ locale: "de-AT" });
    const tab = await german.newPage();
    try {
      await tab.route("**/graphql", (route) =>
        route.fulfill({
          status: 429,
          contentType: "application/json",
          body: JSON.stringify({ errors: [{ extensions: { code: "RATE_LIMITED", retryAfter: 120 } }] }),
        }),
      );
      await tab.goto(`${branded.origin}/account/undo-address#token=invented`);
      await tab.locator("[type=submit]").press("Enter");
      await expect
        .poll(() => tab.locator("[data-form-error]").textContent())
        .toBe("Zu viele Versuche. Bitte versuchen Sie es in 2 Minuten noch einmal.");
    } finally {
      await german.close();
    }
  });
});
