// One browser with several tabs, which share the cookie: what docs/clients.md says about them.
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type App, startApp, type User } from "../harness/server.ts";
import { startChromium } from "./chromium.ts";

let browser: Browser;
let app: App;
let other: App;
let context: BrowserContext;
let tabs: readonly [Page, Page];
let alice: User;
let bob: User;

beforeAll(async () => {
  app = await startApp({ COOKIE_NAME: "" });
  other = await startApp({ COOKIE_NAME: "" });
  browser = await startChromium();
  [alice, bob] = [await app.createUser(), await app.createUser()];
});
afterAll(async () => {
  await browser?.close();
  await app?.close();
  await other?.close();
});
beforeEach(async () => {
  context = await browser.newContext();
  tabs = [await context.newPage(), await context.newPage()];
  // A page of ours with no script of its own.
  for (const tab of tabs) await tab.goto(`${app.origin}/account/verify`);
});
afterEach(() => context.close());

interface Answer {
  readonly data: Readonly<Record<string, Readonly<Record<string, unknown>> | null>> | null;
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[];
}

const ask = (tab: Page, query: string, variables = {}): Promise<Answer> =>
  tab.evaluate(async (body) => {
    const headers = { "Content-Type": "application/json" };
    return (await fetch("/graphql", { method: "POST", headers, body })).json() as Promise<Answer>;
  }, JSON.stringify({ query, variables }));
const logIn = async (tab: Page, { username, password }: User): Promise<void> => {
  const query =
    "mutation ($u: String!, $p: String!) { login(username: $u, password: $p, mode: SESSION) { userId } }";
  expect((await ask(tab, query, { u: username, p: password })).errors).toBeUndefined();
};
const viewerIn = async (tab: Page) =>
  (await ask(tab, "{ viewer { username } }")).data?.viewer?.username ?? null;

test("a login in one tab holds in the others, and a logout ends it in all", async () => {
  const [one, two] = tabs;
  await logIn(one, alice);
  expect([await viewerIn(one), await viewerIn(two)]).toEqual([alice.username, alice.username]);
  await ask(two, "mutation { logout { message } }");
  expect(await viewerIn(one)).toBeNull();
  expect((await ask(one, "{ private { message } }")).errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");
});

test("a login as another user changes who all tabs act as, and ends the first session", async () => {
  const [one, two] = tabs;
  await logIn(one, alice);
  const [session] = (await context.cookies()).filter(({ name }) => !name.endsWith("-device"));
  await logIn(two, bob);
  expect([await viewerIn(one), await viewerIn(two)]).toEqual([bob.username, bob.username]);
  await context.addCookies(session ? [session] : []);
  expect(await viewerIn(one)).toBeNull();
});

test("a tab that is told of a logout by another one asks again", async () => {
  const [one, two] = tabs;
  await logIn(one, alice);
  await two.evaluate(`
    const channel = new BroadcastChannel("login");
    channel.onmessage = () => { document.title = "asks again"; };
  `);
  await ask(one, "mutation { logout { message } }");
  await one.evaluate(() => new BroadcastChannel("login").postMessage(null));
  await expect.poll(() => two.title()).toBe("asks again");
  expect(await viewerIn(two)).toBeNull();
});

test("two servers on one host, on two ports, do not log each other out", async () => {
  const [one, two] = tabs;
  await two.goto(`${other.origin}/account/verify`);
  const carol = await other.createUser();
  await logIn(one, alice);
  await logIn(two, carol);
  expect([await viewerIn(one), await viewerIn(two)]).toEqual([alice.username, carol.username]);
  await ask(two, "mutation { logout { message } }");
  expect([await viewerIn(one), await viewerIn(two)]).toEqual([alice.username, null]);
});
