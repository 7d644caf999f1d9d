// A browser's EventSource with the session's cookie: what docs/clients.md says about it.
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { logInAs } from "../harness/client.ts";
import { type App, findFreePort, startApp, type User } from "../harness/server.ts";
import { startChromium } from "./chromium.ts";

let browser: Browser;
let app: App;
let context: BrowserContext;
let user: User;

beforeAll(async () => {
  [app, browser] = await Promise.all([startApp(), startChromium()]);
});
afterAll(async () => {
  await browser?.close();
  await app?.close();
});
beforeEach(async () => {
  context = await browser.newContext();
  user = await app.createUser();
});
afterEach(() => context.close());

/** A page of ours with no script of its own. */
const open = async ({ origin }: App): Promise<Page> => {
  const page = await context.newPage();
  await page.goto(`${origin}/account/verify`);
  return page;
};

const ask = (page: Page, query: string, variables = {}): Promise<{ errors?: unknown }> =>
  page.evaluate(async (body) => {
    const headers = { "Content-Type": "application/json" };
    return (await fetch("/graphql", { method: "POST", headers, body })).json() as Promise<{
      errors?: unknown;
    }>;
  }, JSON.stringify({ query, variables }));

const logIn = async (page: Page): Promise<void> => {
  const query =
    "mutation ($u: String!, $p: String!) { login(username: $u, password: $p, mode: SESSION) { userId } }";
  expect((await ask(page, query, { u: user.username, p: user.password })).errors).toBeUndefined();
};

/** As docs/clients.md does it. Resolves when the stream is open. */
const follow = (page: Page): Promise<unknown> =>
  page.evaluate(`(async () => {
    globalThis.seen = { opened: 0, events: [], isComplete: false };
    const query = "subscription { sessionsChanged { id device current } }";
    const events = new EventSource(\`/graphql?\${new URLSearchParams({ query })}\`);
    events.addEventListener("next", ({ data }) => seen.events.push(JSON.parse(data)));
    events.addEventListener("complete", () => {
      seen.isComplete = true;
      events.close();
    });
    await new Promise((resolve) => events.addEventListener("open", () => {
      seen.opened += 1;
      resolve();
    }));
  })()`);

interface Seen {
  readonly opened: number;
  readonly events: readonly {
    readonly data?: { readonly sessionsChanged: readonly { readonly current: boolean }[] } | null;
    readonly errors?: readonly { readonly extensions: { readonly code: string } }[];
  }[];
  readonly isComplete: boolean;
}

const seenBy = (page: Page): Promise<Seen> => page.evaluate("seen");
const codesSeenBy = async (page: Page) =>
  (await seenBy(page)).events.flatMap(({ errors = [] }) => errors.map(({ extensions }) => extensions.code));
const countsSeenBy = async (page: Page) =>
  (await seenBy(page)).events.map(({ data }) => data?.sessionsChanged.length);

const soon = { timeout: 15_000 };

test("it has the events of its session, and ends for good with the logout of another tab", async () => {
  const [page, tab] = [await open(app), await open(app)];
  await logIn(page);
  await follow(page);
  await logInAs(app, user);
  await expect.poll(() => countsSeenBy(page), soon).toEqual([2]);
  expect((await seenBy(page)).events[0]?.data?.sessionsChanged.map(({ current }) => current)).toContain(true);

  await ask(tab, "mutation { logout { message } }");
  await expect.poll(async () => (await seenBy(page)).isComplete, soon).toBe(true);
  expect(await codesSeenBy(page)).toEqual(["UNAUTHENTICATED"]);
  expect((await seenBy(page)).opened).toBe(1);
});

test("it comes back by itself to a server that was replaced", async () => {
  const settings = {
    PORT: String(await findFreePort()),
    DATABASE_URL: app.config.databaseUrl ?? "",
    SESSION_SECRET: app.config.sessionSecrets.join(),
  };
  const before = await startApp(settings);
  const page = await open(before);
  await logIn(page);
  await follow(page);
  await before.close();
  await expect.poll(() => codesSeenBy(page), soon).toEqual(["SERVICE_UNAVAILABLE"]);
  const after = await startApp(settings);
  await expect.poll(async () => (await seenBy(page)).opened, soon).toBe(2);
  await logInAs(after, user);
  await expect.poll(() => countsSeenBy(page), soon).toContain(2);
  await page.close();
  await after.close();
});

test("nobody's is told why it is refused, and is over", async () => {
  const page = await open(app);
  await follow(page);
  await expect.poll(async () => (await seenBy(page)).isComplete, soon).toBe(true);
  expect(await codesSeenBy(page)).toEqual(["UNAUTHENTICATED"]);
  expect((await seenBy(page)).opened).toBe(1);
});
