// The server of docs/server-side.md in Chromium, also for visitors who come by a link of another site.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, request, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type App, findFreePort, startApp, type User } from "../harness/server.ts";
import { startChromium } from "./chromium.ts";

let directory: string;
let source: string;
let port: number;
let app: App;
let user: User;
let server: ChildProcess;
let otherSite: Server;
let otherUrl: string;
let browser: Browser;
let context: BrowserContext;
let page: Page;

const origin = (at = port) => `http://localhost:${at}`;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "graphward-ssr-"));
  const text = await readFile(new URL("../../docs/server-side.md", import.meta.url), "utf8");
  [, source = ""] = /^```js\n(.*?)^```$/ms.exec(text) ?? [];
  port = await findFreePort();
  app = await startApp({ PUBLIC_URL: origin(), TRUST_PROXY: "1" });
  user = await app.createUser();
  server = await serve(source, port);
  browser = await startChromium();
  // 127.0.0.1 is another site than localhost.
  otherSite = createServer((_request, response) => {
    response.setHeader("content-type", "text/html");
    response.end(`<!doctype html><a href="${origin()}/">link</a>
      <form method="post" action="${origin()}/login">
        <input name="username" value="${user.username}"><input name="password" value="${user.password}"><button>win</button>
      </form>`);
  });
  const otherPort = await findFreePort();
  otherSite.listen(otherPort, "127.0.0.1");
  otherUrl = `http://127.0.0.1:${otherPort}/`;
});
afterAll(async () => {
  await browser?.close();
  server?.kill();
  otherSite?.close();
  await app?.close();
  await rm(directory, { recursive: true, force: true });
});
beforeEach(async () => {
  context = await browser.newContext();
  page = await context.newPage();
});
afterEach(() => context.close());

const serve = async (code: string, at: number): Promise<ChildProcess> => {
  const file = join(directory, `server-${at}.mjs`);
  await writeFile(file, code);
  const child = spawn(process.execPath, [file], { env: { PORT: String(at), GRAPHWARD_URL: app.url } });
  await once(child.stdout, "data");
  return child;
};

const greeting = () => page.locator("p").textContent();

const logIn = async () => {
  await page.goto(origin());
  expect(await greeting()).toBe("Hello stranger");
  await page.fill("[name=username]", user.username);
  await page.fill("[name=password]", user.password);
  await Promise.all([page.waitForURL(`${origin()}/`), page.click("button")]);
};

test("a visitor logs in through the server, and both cookies reach the browser", async () => {
  await logIn();
  expect(await greeting()).toBe(`Hello ${user.username}`);
  const names = (await context.cookies()).map(({ name }) => name);
  expect(names).toHaveLength(2);
  expect(names).toContainEqual("graphward-device");
});

test("a visitor who follows a link from another site is answered as who they are", async () => {
  await logIn();
  await page.goto(otherUrl);
  await Promise.all([page.waitForURL(`${origin()}/`), page.click("a")]);
  expect(await greeting()).toBe(`Hello ${user.username}`);
});

test("a server that forwards all headers of the page is refused for that visitor", async () => {
  const naive = source.replace(
    /const visitorOf = .*?\n\}\);\n/s,
    "const visitorOf = ({ headers: { host, connection, ...all } }) => all;\n",
  );
  expect(naive).not.toBe(source);
  const naivePort = await findFreePort();
  const naiveServer = await serve(naive, naivePort);
  try {
    expect((await page.goto(origin(naivePort)))?.status()).toBe(200);
    await page.goto(otherUrl);
    await page.locator("a").evaluate((link: { href: string }, url) => {
      link.href = url;
    }, origin(naivePort));
    const [response] = await Promise.all([page.waitForNavigation(), page.click("a")]);
    expect(response?.status()).toBe(403);
  } finally {
    naiveServer.kill();
  }
});

test("a form of another site cannot log the visitor in", async () => {
  await page.goto(otherUrl);
  const [response] = await Promise.all([page.waitForNavigation(), page.click("button")]);
  expect(response?.status()).toBe(403);
  expect(await context.cookies()).toEqual([]);
});

test("Graphward sees the visitor's IP and browser, not the server's", async () => {
  const body = new URLSearchParams({ username: user.username, password: user.password }).toString();
  const asked = request(`${origin()}/login`, {
    method: "POST",
    family: 4,
    localAddress: "127.0.0.9",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    },
  });
  asked.end(body);
  const [response] = await once(asked, "response");
  expect(response.statusCode).toBe(303);
  response.resume();
  const session = await app.database
    .selectFrom("sessions")
    .select(["ip_address", "user_agent"])
    .orderBy("created_at", "desc")
    .executeTakeFirst();
  expect(session).toEqual({ ip_address: "127.0.0.9", user_agent: expect.stringContaining("Firefox") });
});
