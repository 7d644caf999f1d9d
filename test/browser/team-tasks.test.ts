// The page of examples/team-tasks in Chromium, built and served from another origin than the application's server.
import { join } from "node:path";
import type { Browser, BrowserContext, Page, Request } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { seconds } from "../../src/time.ts";
import { logInAs } from "../harness/client.ts";
import { openStream } from "../harness/connections/stream.ts";
import { exampleDirectory, openExample } from "../harness/example.ts";
import { type HonestProvider, newPerson, startHonestProvider } from "../harness/providers/honest.ts";
import { type App, findFreePort, startApp } from "../harness/server.ts";
import { type BuiltPage, servePage } from "./built-page.ts";
import { startChromium } from "./chromium.ts";

let app: App;
let provider: HonestProvider;
let built: BuiltPage;
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
  built = await servePage({
    root: join(exampleDirectory, "web"),
    port,
    environment: { VITE_API_URL: app.url },
  });
  browser = await startChromium();
});
afterAll(async () => {
  await browser?.close();
  await built?.close();
  await app?.close();
  await provider?.close();
});
afterEach(async () => {
  await Promise.all(contexts.map((context) => context.close()));
  contexts = [];
});

const open = async (): Promise<Page> => {
  const context = await browser.newContext();
  contexts.push(context);
  return openTab(context);
};

const openTab = async (context: BrowserContext): Promise<Page> => {
  const page = await context.newPage();
  watched.set(page, watch(page));
  await page.goto(origin);
  return page;
};

interface Watched {
  /** The operations of the page, in order. */
  readonly asked: string[];
  readonly answered: string[];
  /** How many streams it has opened. */
  opened: number;
  /** How many of these were open when it asked for the tasks that it shows. */
  upToDate: number;
}

const watched = new WeakMap<Page, Watched>();
const watchedOf = (page: Page): Watched => watched.get(page) ?? watch(page);

const watch = (page: Page): Watched => {
  const seen: Watched = { asked: [], answered: [], opened: 0, upToDate: 0 };
  const openedBefore = new WeakMap<Request, number>();
  page.on("request", (request) => {
    const name = operationOf(request);
    if (name === undefined) return;
    seen.asked.push(name);
    openedBefore.set(request, seen.opened);
  });
  page.on("response", (response) => {
    if (operationOf(response.request()) === "TaskChanged") seen.opened += 1;
  });
  page.on("requestfinished", (request) => {
    const name = operationOf(request);
    if (name !== undefined) seen.answered.push(name);
    if (name === "Tasks") seen.upToDate = openedBefore.get(request) ?? 0;
  });
  return seen;
};

const operationOf = (request: Request): string | undefined =>
  request.url() === app.url && request.method() === "POST" ? request.postDataJSON().operationName : undefined;

const soon = { timeout: seconds(20) };

/** Resolves when a new stream of the page is open, and the page has asked for the tasks since. */
const followed = async (page: Page, act: () => Promise<unknown>): Promise<void> => {
  const seen = watchedOf(page);
  const before = seen.opened;
  await act();
  await expect.poll(() => seen.upToDate, soon).toBeGreaterThan(before);
};

const password = "a quiet tram at dawn";

const register = async (username: string): Promise<Page> => {
  const page = await open();
  await page.getByRole("button", { name: "I am new" }).click();
  await page.getByLabel("Username").fill(username);
  await page.getByLabel("Email").fill(`${username}@example.org`);
  await page.getByLabel("Password").fill(password);
  await followed(page, () => page.getByRole("button", { name: "Register" }).click());
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

/** The member's page then shows the project of the owner, which is the older one, and follows it. */
const invite = async (owner: Page, member: Page, username: string): Promise<void> => {
  const field = owner.getByLabel("Username of the new member");
  await field.fill(username);
  await owner.getByRole("button", { name: "Add member" }).click();
  await expect.poll(() => field.inputValue(), soon).toBe("");
  await followed(member, () => member.reload());
  expect(await member.getByLabel("Project").locator("option").count()).toBe(2);
};

const taskOf = (page: Page, title: string) => page.getByRole("checkbox", { name: title });

test("a member adds, assigns and ticks a task, and another member sees it", async () => {
  const [agnes, bertha] = [await register("agnes"), await register("bertha")];
  await invite(agnes, bertha, "bertha");
  const assignee = agnes.getByLabel("Assignee of Order the desks");
  await addTask(agnes, "Order the desks");
  await assignee.getByRole("option", { name: "bertha" }).waitFor({ state: "attached" });
  await assignee.selectOption({ label: "bertha" });
  // Shown as done once the server has said so.
  const done = taskOf(agnes, "Order the desks");
  await done.click();
  await expect.poll(() => done.isChecked(), soon).toBe(true);

  await bertha.reload();
  const seen = taskOf(bertha, "Order the desks");
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

test("a session that was ended elsewhere shows the form at the next request, also when no stream says so", async () => {
  const page = await register("dora");
  await page.route(app.url, (route) =>
    operationOf(route.request()) === "TaskChanged" ? route.abort() : route.continue(),
  );
  const { answered } = watchedOf(page);
  const before = answered.length;
  await page.reload();
  await expect.poll(() => answered.slice(before), soon).toContain("Tasks");
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

const idOf = async (username: string): Promise<string> => {
  const users = app.database.selectFrom("users").select("id").where("username", "=", username);
  return (await users.executeTakeFirstOrThrow()).id;
};

describe("what another member does", () => {
  test("is shown as it happens, in both browsers, and neither asks for it", async () => {
    const [fanny, gustav] = [await register("fanny"), await register("gustav")];
    await invite(fanny, gustav, "gustav");
    const asked = (page: Page) => watchedOf(page).asked;
    const byGustav = asked(gustav).length;
    await addTask(fanny, "Order the desks");
    const seen = taskOf(gustav, "Order the desks");
    await seen.waitFor();
    expect(await seen.isChecked()).toBe(false);
    await taskOf(fanny, "Order the desks").click();
    await expect.poll(() => seen.isChecked(), soon).toBe(true);
    expect(asked(gustav).slice(byGustav)).toEqual([]);

    const byFanny = asked(fanny).length;
    await addTask(gustav, "Order the chairs");
    await seen.click();
    await taskOf(fanny, "Order the chairs").waitFor();
    await expect.poll(() => taskOf(fanny, "Order the desks").isChecked(), soon).toBe(false);
    const client = await logInAs(app, { username: "gustav", password });
    const { data } = await client.run<{ tasks: { tasks: readonly { id: string }[] } }>(
      "query ($projectId: ID!) { tasks(projectId: $projectId) { tasks { id } } }",
      { projectId: await fanny.getByLabel("Project").inputValue() },
    );
    for (const { id } of data?.tasks.tasks ?? [])
      await client.run("mutation ($id: ID!) { deleteTask(id: $id) { id } }", { id });
    for (const page of [fanny, gustav])
      await expect.poll(() => page.getByRole("listitem").count(), soon).toBe(0);
    expect(asked(fanny).slice(byFanny)).toEqual([]);
  });

  test("is not shown to a user of another project, also when their page follows this one", async () => {
    const [hanna, ida] = [await register("hanna"), await register("ida")];
    const projectId = await hanna.getByLabel("Project").inputValue();
    await ida.route(app.url, (route) => {
      const body = route.request().postDataJSON();
      return operationOf(route.request()) === "TaskChanged"
        ? route.continue({ postData: JSON.stringify({ ...body, variables: { projectId } }) })
        : route.continue();
    });
    await followed(ida, () => ida.reload());
    const client = await logInAs(app, { username: "hanna", password });
    const query = "subscription ($projectId: ID!) { taskChanged(projectId: $projectId) { task { title } } }";
    const own = await openStream(app, client, query, { variables: { projectId } });
    await addTask(hanna, "A secret plan");
    await own.event(1);
    own.close();
    // A member from now on: the same stream has the next event, and would have had the one before it.
    await hanna.getByLabel("Username of the new member").fill("ida");
    await hanna.getByRole("button", { name: "Add member" }).click();
    await hanna.getByRole("option", { name: "ida" }).first().waitFor({ state: "attached" });
    await addTask(hanna, "An open plan");
    await taskOf(ida, "An open plan").waitFor();
    expect(await taskOf(ida, "A secret plan").count()).toBe(0);
  });

  test("while the stream was away is there when it is open again", async () => {
    const [kim, lea] = [await register("kim"), await register("lea")];
    await invite(kim, lea, "lea");
    let attempts = 0;
    const added = Promise.withResolvers<void>();
    await lea.route(app.url, async (route) => {
      if (operationOf(route.request()) !== "TaskChanged") return route.continue();
      attempts += 1;
      if (attempts === 1) return route.abort();
      await added.promise;
      return route.continue();
    });
    await followed(lea, async () => {
      const administrator = await logInAs(app, await app.createUser({ roles: ["ADMIN"] }));
      const id = await idOf("lea");
      await administrator.run('mutation ($id: ID!) { setRoles(id: $id, roles: ["ADMIN"]) { message } }', {
        id,
      });
      await expect.poll(() => attempts, soon).toBe(2);
      await addTask(kim, "While she was away");
      added.resolve();
    });
    await taskOf(lea, "While she was away").waitFor();
    await addTask(kim, "Since she is back");
    await taskOf(lea, "Since she is back").waitFor();
  });
});

describe("the stream of a page", () => {
  const endsOf = (userId: string) =>
    app.log.filter((line) => line.includes('"operationName":"TaskChanged"') && line.includes(userId));

  test("ends with a logout on the page", async () => {
    const page = await register("maria");
    const id = await idOf("maria");
    expect(endsOf(id)).toEqual([]);
    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByRole("form", { name: "Log in" }).waitFor();
    await expect.poll(() => endsOf(id).length, soon).toBe(1);
    expect(await page.getByRole("alert").count()).toBe(0);
  });

  test("ends with a logout in another tab, and one on another device: the page shows the form at once", async () => {
    const page = await register("nora");
    const tab = await openTab(page.context());
    await tab.getByRole("button", { name: "Log out" }).click();
    await page.getByRole("form", { name: "Log in" }).waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
    await followed(page, () => logIn(page, "nora"));
    const phone = await logInAs(app, { username: "nora", password });
    await phone.run("mutation { logoutEverywhere { userId } }");
    await page.getByRole("form", { name: "Log in" }).waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
    const id = await idOf("nora");
    await expect.poll(() => endsOf(id).some((line) => line.includes('"finished":true')), soon).toBe(true);
  });
});
