import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Apple, startApple } from "../harness/providers/apple.ts";
import { newPerson } from "../harness/providers/honest.ts";
import { type App, findFreePort, startApp } from "../harness/server.ts";
import { startChromium } from "./chromium.ts";

// A form that another site sends, to a browser that knows which cookies go with it: `127.0.0.1` is another site than `localhost`.

let browser: Browser;
let app: App;
let apple: Apple;

beforeAll(async () => {
  const port = await findFreePort();
  apple = await startApple("apple", `http://localhost:${port}/login/apple/callback`, "127.0.0.1");
  app = await startApp({ PORT: String(port), IDENTITY_PROVIDERS: JSON.stringify([apple.entry]) });
  browser = await startChromium();
});
afterAll(async () => {
  await browser?.close();
  await app?.close();
  await apple?.close();
});

test("the way through Apple and back ends in a session, though no cookie comes with the form", async () => {
  apple.person = newPerson({ email: `${crypto.randomUUID()}@example.org`, email_verified: "true" });
  const context = await browser.newContext();
  const page = await context.newPage();
  const refused: string[] = [];
  page.on("console", (message) => {
    if (/Content.Security.Policy/i.test(message.text())) refused.push(message.text());
  });
  const callbacks: {
    readonly method: string;
    readonly cookie: boolean;
    readonly site: string | undefined;
  }[] = [];
  page.on("response", async (response) => {
    if (new URL(response.url()).pathname !== "/login/apple/callback") return;
    const headers = await response.request().allHeaders();
    const method = response.request().method();
    callbacks.push({ method, cookie: headers.cookie !== undefined, site: headers["sec-fetch-site"] });
  });
  await page.goto(`${app.origin}/login/apple?return_to=/account/login`);
  await page.waitForURL(`${app.origin}/account/login`);
  expect(callbacks).toEqual([
    { method: "POST", cookie: false, site: "cross-site" },
    { method: "GET", cookie: true, site: "same-origin" },
  ]);
  expect(refused).toEqual([]);
  const answer = await page.evaluate(async () => {
    const response = await fetch("/graphql", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: "{ viewer { username } }" }),
    });
    return response.json();
  });
  expect(answer).toMatchObject({ data: { viewer: { username: expect.any(String) } } });
  await context.close();
});
