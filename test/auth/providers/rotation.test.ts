import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client } from "../../harness/client.ts";
import { type ProviderApp, startProviderApp } from "../../harness/providers/app.ts";
import { Browser } from "../../harness/providers/browser.ts";
import { newPerson } from "../../harness/providers/honest.ts";
import { type App, startApp } from "../../harness/server.ts";
import { PrivateDocument } from "../../operations/generated/graphql.ts";

const [old, next] = [randomBytes(32).toString("hex"), randomBytes(32).toString("hex")];

let app: ProviderApp;
const restarted: App[] = [];
beforeAll(async () => {
  app = await startProviderApp({}, { SESSION_SECRET: old });
});
afterAll(async () => {
  for (const other of restarted) await other.close();
  await app.close();
});

/** As the server is after a restart: it has the same name and cookies, and here another port beside the first. */
const restart = async (secrets: string): Promise<App> => {
  const other = await startApp({
    SESSION_SECRET: secrets,
    DATABASE_URL: app.config.databaseUrl ?? "",
    PUBLIC_URL: app.origin,
    COOKIE_NAME: app.config.cookieName,
    IDENTITY_PROVIDERS: JSON.stringify([app.provider.entry]),
  });
  restarted.push(other);
  return other;
};

/** Begun on the first server, up to the way back. */
const begin = async () => {
  const browser = new Browser();
  app.provider.person = newPerson();
  const stopsAt = ({ pathname }: URL) => pathname === "/login/honest/callback";
  const { url } = await browser.open(`${app.origin}/login/honest?return_to=/there`, { stopsAt });
  return { browser, callback: url };
};

const comeBackTo = async (other: App, { browser, callback }: Awaited<ReturnType<typeof begin>>) => {
  for (const [name, value] of browser.cookiesOf(app.origin)) browser.cookiesOf(other.origin).set(name, value);
  const stopsAt = ({ pathname }: URL) => pathname === "/there";
  const { status } = await browser.open(`${other.origin}${callback.pathname}${callback.search}`, { stopsAt });
  return { status, codes: (await browser.clientOf(other).run(PrivateDocument)).codes };
};

describe("a login that waits at the provider while SESSION_SECRET is rotated", () => {
  test("completes while the old secret is listed, and not once it is gone", async () => {
    const rotated = await restart(`${next},${old}`);
    expect(await comeBackTo(rotated, await begin())).toEqual({ status: 303, codes: [] });
    const without = await restart(next);
    expect(await comeBackTo(without, await begin())).toEqual({ status: 400, codes: ["UNAUTHENTICATED"] });
  });
});

test("a provider that goes down later keeps nobody out but its own users", async () => {
  const user = await app.createUser();
  expect((await begin()).callback.pathname).toBe("/login/honest/callback");
  const waiting = await begin();
  await app.provider.close();
  expect((await comeBackTo(app, waiting)).codes).toEqual(["UNAUTHENTICATED"]);
  const client = new Client(app);
  await client.logIn(user);
  expect((await client.run(PrivateDocument)).codes).toEqual([]);
});
