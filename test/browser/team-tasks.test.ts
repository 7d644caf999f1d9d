// The page of examples/team-tasks in Chromium, built and served from another origin than the application's server.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { build } from "vite";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { exampleDirectory, openExample } from "../harness/example.ts";
import { type HonestProvider, newPerson, startHonestProvider } from "../harness/providers/honest.ts";
import { type App, findFreePort, startApp } from "../harness/server.ts";
import { startChromium } from "./chromium.ts";

let app: App;
let provider: HonestProvider;
let directory: string;
let pages: Server;
let origin: string;
let browser: Browser;
let contexts: BrowserContext[] = [];

beforeAll(async () => {
  const [port, apiPort] = [await findFreePort(), await findFreePort()];
  origin = `http://localhost:${port}`;
  provider = await startHonestProvider("work", `http://localhost:${apiPort}/login/work/callback`);
  app = await startApp(
    { PORT: String(apiPort), ALLOWED_ORIGINS: origin, IDENTITY_PROVIDERS: JSON.stringify([provider.entry]) },
    await openExample(),
  );
  directory = await mkdtemp(join(tmpdir(), "graphward-page-"));
  // Otherwise the page would have the development build of React.
  vi.stubEnv("NODE_ENV", "production");
  await build({
    configFile: false,
    logLevel: "warn",
    root: join(exampleDirectory, "web"),
    define: { "import.meta.env.VITE_API_URL": JSON.stringify(app.url) },
    build: { outDir: directory, emptyOutDir: true, reportCompressedSize: false },
  });
  vi.unstubAllEnvs();
  pages = createServer(async ({ url = "/" }, response) => {
    const name = url === "/" ? "index.html" : url;
    const text = await readFile(join(directory, name)).catch(() => null);
    response.setHeader("content-type", types[extname(name)] ?? "text/plain");
    response.writeHead(text === null ? 404 : 200).end(text);
  });
  pages.listen(port);
  browser = await startChromium();
});
afterAll(async () => {
  await browser?.close();
  pages?.close();
  await app?.close();
  await provider?.close();
  await rm(directory, { recursive: true, force: true });
});
afterEach(async () => {
  await Promise.all(contexts.map((context) => context.close()));
  contexts = [];
});

const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
};

const open = async (): Promise<Page> => {
  const context = await browser.newContext();
  contexts.push(context);
  const page = await context.newPage();
  await page.goto(origin);
  return page;
};

const password = "a quiet tram at dawn";

const register = async (username: string): Promise<Page> => {
  const page = await open();
  await page.getByRole("button", { name: "I am new" }).click();
  await page.getByLabel("Username").fill(username);
  await page.getByLabel("Email").fill(`${username}@example.org`);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Register" }).click();
  await page.getByRole("button", { name: "Log out" }).waitFor();
  return page;
};

const logIn = async (page: Page, username: string): Promise<void> => {
  await page.getByLabel("Username").fill(username);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
};

const addTask = async (page: Page, title: string): Promise<void> => {
  await page.getByLabel("New task").fill(title);
  await page.getByRole("button", { name: "Add task" }).click();
  await page.getByRole("checkbox", { name: title }).waitFor();
};

test("a member adds, assigns and ticks a task, and another member sees it", async () => {
  const [agnes, bertha] = [await register("agnes"), await register("bertha")];
  await agnes.getByLabel("Username of the new member").fill("bertha");
  await agnes.getByRole("button", { name: "Add member" }).click();
  const assignee = agnes.getByLabel("Assignee of Order the desks");
  await addTask(agnes, "Order the desks");
  await assignee.getByRole("option", { name: "bertha" }).waitFor({ state: "attached" });
  await assignee.selectOption({ label: "bertha" });
  // Shown as done once the server has said so.
  const done = agnes.getByRole("checkbox", { name: "Order the desks" });
  await done.click();
  await expect.poll(() => done.isChecked()).toBe(true);

  await expect
    .poll(async () => {
      await bertha.reload();
      await bertha.getByRole("button", { name: "Log out" }).waitFor();
      return bertha.getByLabel("Project").locator("option").count();
    })
    .toBe(2);
  // Each has a first project of this name: the one of agnes is older.
  await bertha.getByLabel("Project").selectOption({ index: 0 });
  const seen = bertha.getByRole("checkbox", { name: "Order the desks" });
  await seen.waitFor();
  expect(await seen.isChecked()).toBe(true);
  const chosen = bertha.getByLabel("Assignee of Order the desks").locator("option:checked");
  expect(await chosen.textContent()).toBe("bertha");
});

test("a logout ends the session, and shows the form", async () => {
  const page = await register("clara");
  await addTask(page, "A quiet thought");
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("form", { name: "Log in" }).waitFor();
  expect(await page.getByText("A quiet thought").count()).toBe(0);
  await page.reload();
  await page.getByRole("form", { name: "Log in" }).waitFor();
  await logIn(page, "clara");
  await page.getByRole("checkbox", { name: "A quiet thought" }).waitFor();
});

test("a session that was ended elsewhere shows the form at the next request", async () => {
  const page = await register("dora");
  await app.database.deleteFrom("sessions").execute();
  await page.getByLabel("New task").fill("too late");
  await page.getByRole("button", { name: "Add task" }).click();
  await page.getByRole("form", { name: "Log in" }).waitFor();
});

test("a wrong password is said in words, where screen readers announce it", async () => {
  const page = await open();
  await logIn(page, "nobody-of-this-name");
  await page.getByRole("alert").waitFor();
  expect(await page.getByRole("alert").textContent()).toBe("Unable to log in with provided credentials.");
});

test("a login with a provider leads back to the page, which then has the cookie of the session", async () => {
  provider.person = newPerson({ preferred_username: "erna" });
  const page = await open();
  await page.getByRole("link", { name: "Log in with Provider work" }).click();
  await page.getByRole("button", { name: "Log out" }).waitFor();
  expect(page.url()).toBe(`${origin}/`);
  await addTask(page, "Greet the provider");
  const answered = page.evaluate(async (url) => {
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ query: "{ private { message } }" });
    const answer = await fetch(url, { method: "POST", credentials: "include", headers, body });
    return answer.text();
  }, app.url);
  expect(await answered).toContain("Hello erna, this is private!");
});
