// GraphiQL from npm on a page of another origin, with the fetchers of docs/clients.md.
import { join } from "node:path";
import { sql } from "kysely";
import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { minutes, seconds } from "../../src/time.ts";
import { logInAs } from "../harness/client.ts";
import { type App, findFreePort, startApp, type User } from "../harness/server.ts";
import { LogOutDocument } from "../operations/generated/graphql.ts";
import { type BuiltPage, servePage } from "./built-page.ts";
import { startChromium } from "./chromium.ts";
import { driveGraphiql } from "./explorer-page.ts";

let app: App;
let built: BuiltPage;
let browser: Browser;
let context: BrowserContext;
let user: User;

vi.setConfig({ testTimeout: minutes(2) });

beforeAll(async () => {
  const port = await findFreePort();
  app = await startApp({ ALLOWED_ORIGINS: `http://localhost:${port}`, WEBSOCKET: "on" });
  built = await servePage({
    root: join(import.meta.dirname, "graphiql-page"),
    port,
    environment: { VITE_API_URL: app.url },
  });
  browser = await startChromium();
});
afterAll(async () => {
  await browser?.close();
  await built?.close();
  await app?.close();
});
beforeEach(async () => {
  context = await browser.newContext();
  user = await app.createUser();
});
afterEach(() => context.close());

const logIn = async () => {
  const { username, password } = user;
  const query =
    "mutation ($u: String!, $p: String!) { login(username: $u, password: $p, mode: SESSION) { userId } }";
  const answer = await context.request.post(app.url, {
    data: { query, variables: { u: username, p: password } },
  });
  expect((await answer.json()).errors).toBeUndefined();
};

const open = async (search: string) => {
  const page = await context.newPage();
  await page.goto(`${built.origin}/${search}`);
  return driveGraphiql(page);
};

// GraphiQL's editor takes a while to load.
const soon = { timeout: seconds(40), interval: 500 };

/** Again and again: nothing in the page says when its stream is open. */
const requireEvent = async (graphiql: Awaited<ReturnType<typeof open>>): Promise<void> => {
  let isThere = false;
  const answer = graphiql.answer().finally(() => {
    isThere = true;
  });
  await expect
    .poll(async () => {
      // A shorter life of a session is an event.
      await app.database
        .updateTable("sessions")
        .set({ absolute_expires_at: sql`absolute_expires_at - interval '1 second'` })
        .where("user_id", "=", user.id)
        .execute();
      return isThere;
    }, soon)
    .toBe(true);
  expect(await answer).toEqual({
    data: { sessionsChanged: expect.arrayContaining([{ id: expect.any(String), current: true }]) },
  });
};

const ended = {
  errors: [
    expect.objectContaining({
      message: expect.any(String),
      extensions: expect.objectContaining({ code: "UNAUTHENTICATED" }),
    }),
  ],
};

describe.each([
  ["streams, through graphql-sse", ""],
  ["a WebSocket, through graphql-ws", "?websocket"],
])("by %s", (_name, search) => {
  test("GraphiQL shows the events of the session of its cookie, and why they end", async () => {
    await logIn();
    const elsewhere = await logInAs(app, user);
    const graphiql = await open(search);
    await graphiql.execute();
    await requireEvent(graphiql);
    await elsewhere.run("mutation { logoutEverywhere { userId } }");
    await expect.poll(() => graphiql.answer(), soon).toEqual(ended);
  });
});

test("by a WebSocket, GraphiQL sends the token of its headers editor, and shows that it has ended", async () => {
  const client = await logInAs(app, user);
  const graphiql = await open("?websocket");
  await graphiql.write("Headers", JSON.stringify({ Authorization: `Bearer ${client.token}` }));
  await graphiql.execute();
  await requireEvent(graphiql);
  expect(await context.cookies()).toEqual([]);
  await client.run(LogOutDocument);
  await expect.poll(() => graphiql.answer(), soon).toEqual(ended);
});
