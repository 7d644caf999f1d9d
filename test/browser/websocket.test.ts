// The graphql-ws client on a page in Chromium: whose cookie counts, and whose page is refused.
import { createServer, type Server } from "node:http";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { build } from "vite";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { seconds } from "../../src/time.ts";
import { logInAs } from "../harness/client.ts";
import { type App, findFreePort, startApp, type User } from "../harness/server.ts";
import { startChromium } from "./chromium.ts";

let app: App;
let browser: Browser;
let context: BrowserContext;
let user: User;
let friend: Server;
let friendOrigin: string;
let stranger: Server;
let strangerOrigin: string;

beforeAll(async () => {
  const ports = [await findFreePort(), await findFreePort()];
  [friendOrigin = "", strangerOrigin = ""] = ports.map((port) => `http://localhost:${port}`);
  [friend, stranger] = ports.map(serveEmptyPage) as [Server, Server];
  app = await startApp({ ALLOWED_ORIGINS: friendOrigin, WEBSOCKET: "on" });
  browser = await startChromium();
});
afterAll(async () => {
  await browser?.close();
  friend?.close();
  stranger?.close();
  await app?.close();
});
beforeEach(async () => {
  context = await browser.newContext();
  await context.addInitScript(await clientScript);
  user = await app.createUser();
});
afterEach(() => context.close());

const serveEmptyPage = (port: number): Server =>
  createServer((_request, response) => {
    response.setHeader("content-type", "text/html");
    response.end("<!doctype html><title>page</title>");
  }).listen(port);

/** graphql-ws from npm, as one script. */
const bundleClient = async (): Promise<string> => {
  const built = await build({
    configFile: false,
    logLevel: "warn",
    build: {
      write: false,
      minify: false,
      lib: {
        entry: fileURLToPath(import.meta.resolve("graphql-ws/client")),
        formats: ["iife"],
        name: "graphqlWs",
      },
    },
  });
  const [bundle] = Array.isArray(built) ? built : [built];
  if (bundle === undefined || !("output" in bundle)) throw new Error("Vite has built nothing.");
  return `${bundle.output[0].code}\nglobalThis.graphqlWs = graphqlWs;`;
};
const clientScript = bundleClient();

/** At the server's own origin, a page of ours with no script of its own. */
const open = async (origin: string): Promise<Page> => {
  const page = await context.newPage();
  await page.goto(`${origin}/account/verify`);
  return page;
};

const run = async (query: string, variables = {}) => {
  const answer = await context.request.post(app.url, { data: { query, variables } });
  expect((await answer.json()).errors).toBeUndefined();
};
const logIn = () =>
  run("mutation ($u: String!, $p: String!) { login(username: $u, password: $p, mode: SESSION) { userId } }", {
    u: user.username,
    p: user.password,
  });

interface Told {
  readonly connected: number;
  readonly events: readonly {
    readonly data: { readonly sessionsChanged: readonly { readonly current: boolean }[] };
  }[];
  readonly codes: readonly string[];
}

/** `options`: source text of more options of the client. */
const follow = (page: Page, options = ""): Promise<unknown> =>
  page.evaluate(`(() => {
    globalThis.told = { connected: 0, events: [], codes: [] };
    const client = graphqlWs.createClient({
      url: "${app.url.replace("http", "ws")}",
      on: { connected: () => { told.connected += 1; } },
      ${options}
    });
    client.subscribe({ query: "subscription { sessionsChanged { id current } }" }, {
      next: (event) => told.events.push(event),
      error: (error) => told.codes.push(...(Array.isArray(error) ? error.map((it) => it.extensions.code) : [error.type])),
      complete: () => told.codes.push("complete"),
    });
  })()`);

const toldTo = (page: Page): Promise<Told> => page.evaluate("told");

const soon = { timeout: seconds(20) };

/** Logs in again and again: nothing says when the subscription is open. */
const requireEvent = async (page: Page) => {
  const before = (await toldTo(page)).events.length;
  await expect
    .poll(async () => {
      await logInAs(app, user);
      return (await toldTo(page)).events.length;
    }, soon)
    .toBeGreaterThan(before);
  const last = (await toldTo(page)).events.at(-1);
  expect(last?.data.sessionsChanged.map(({ current }) => current)).toContain(true);
};

describe("a page", () => {
  test("of the server's own origin, and one of an allowed origin, follow by cookie until the logout", async () => {
    for (const origin of [app.origin, friendOrigin]) {
      await logIn();
      const page = await open(origin);
      await follow(page);
      await requireEvent(page);
      await run("mutation { logout { message } }");
      await expect.poll(async () => (await toldTo(page)).codes, soon).toEqual(["UNAUTHENTICATED"]);
      expect((await toldTo(page)).connected).toBe(1);
    }
  });

  test("of another origin is refused, with the cookie of its user and with a token", async () => {
    await logIn();
    const { token } = await logInAs(app, user);
    const page = await open(strangerOrigin);
    // On the same site, so that the browser sends the cookie.
    expect((await context.cookies(app.origin)).map(({ name }) => name)).toContain("graphward");
    for (const options of ["", `connectionParams: { authorization: "Bearer ${token}" },`]) {
      const before = app.log.length;
      await follow(page, `retryAttempts: 0, ${options}`);
      await expect.poll(async () => (await toldTo(page)).codes, soon).toEqual(["error"]);
      expect(await toldTo(page)).toMatchObject({ connected: 0, events: [] });
      const lines = () => app.log.slice(before).filter((line) => line.includes('"msg":"request"'));
      await expect.poll(() => lines().map((line) => JSON.parse(line).status)).toEqual([403]);
    }
  });
});

test("the client comes back by itself to a server that was replaced", async () => {
  const settings = {
    PORT: String(await findFreePort()),
    DATABASE_URL: app.config.databaseUrl ?? "",
    SESSION_SECRET: app.config.sessionSecrets.join(),
    ALLOWED_ORIGINS: friendOrigin,
    WEBSOCKET: "on",
  };
  const before = await startApp(settings);
  await logIn();
  const page = await open(friendOrigin);
  await follow(page, `url: "${before.url.replace("http", "ws")}",`);
  await requireEvent(page);
  await before.close();
  const after = await startApp(settings);
  await expect.poll(async () => (await toldTo(page)).connected, soon).toBe(2);
  await requireEvent(page);
  await page.close();
  await after.close();
});
