import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Client } from "../../harness/client.ts";
import { type App, startApp, type User, withoutLimits } from "../../harness/server.ts";
import { LogInDocument, LogOutDocument, ViewerDocument } from "../../operations/generated/graphql.ts";

let app: App;
beforeAll(async () => {
  app = await startApp({ RATE_LIMITS: withoutLimits.replace(/login\.account=[^,]+/, "login.account=1/1h") });
});
afterAll(() => app.close());

const logIn = (client: Client, { username, password }: User) =>
  client.run(LogInDocument, { username, password, mode: "SESSION" });
/** Nobody but familiar browsers can log in afterwards. */
const lockOut = async ({ username }: User) => {
  for (let count = 0; count < 3; count += 1)
    await new Client(app).run(LogInDocument, { username, password: "not the right password" });
};
const isFamiliar = async (client: Client, user: User) => (await logIn(client, user)).codes.length === 0;
const accountsOf = (client: Client) => (client.deviceCookies.get("graphward-device") ?? "").split("~");

test("a browser of many accounts has one short cookie, and is familiar to the ten that logged in last", async () => {
  const browser = new Client(app);
  const users: User[] = [];
  for (let count = 0; count < 24; count += 1) {
    const user = await app.createUser();
    users.push(user);
    expect((await logIn(browser, user)).codes).toEqual([]);
  }
  expect(browser.deviceCookies.size).toBe(1);
  expect(browser.deviceCookies.get("graphward-device")?.length).toBeLessThan(1_000);
  expect(browser.cookies.size).toBe(1);

  const [first] = users as [User];
  const [eleventh, tenth, ...latest] = users.slice(-11) as [User, User, ...User[]];
  for (const user of [first, eleventh, tenth, ...latest.slice(-1)]) await lockOut(user);
  const held = () => new Client(app, { deviceCookies: browser.deviceCookies });
  expect(await isFamiliar(held(), tenth)).toBe(true);
  expect(await isFamiliar(held(), latest.at(-1) as User)).toBe(true);
  expect(await isFamiliar(held(), eleventh)).toBe(false);
  expect(await isFamiliar(held(), first)).toBe(false);
});

test("an account that logs in again is the last one to go, and gets no cookie that it has", async () => {
  const browser = new Client(app);
  const [alice, bob] = [await app.createUser(), await app.createUser()];
  await logIn(browser, alice);
  await logIn(browser, bob);
  const before = accountsOf(browser);
  expect((await logIn(browser, bob)).headers.getSetCookie()).toEqual([expect.stringMatching(/^graphward=/)]);
  await logIn(browser, alice);
  expect(accountsOf(browser).map((entry) => entry.split(".", 2))).toEqual(
    before.toReversed().map((entry) => entry.split(".", 2)),
  );
});

test("the session's cookie is the first: what keeps one cookie of a response keeps the login", async () => {
  const user = await app.createUser();
  const answer = await logIn(new Client(app), user);
  const [first = ""] = answer.headers.getSetCookie();
  const [, value = ""] = /^graphward=([^;]+)/.exec(first) ?? [];
  const client = new Client(app, { cookies: new Map([["graphward", value]]) });
  expect((await client.run(ViewerDocument)).data?.viewer?.username).toBe(user.username);
});

test("a logout keeps the browser familiar", async () => {
  const browser = new Client(app);
  const user = await app.createUser();
  await logIn(browser, user);
  await browser.run(LogOutDocument);
  await lockOut(user);
  expect(await isFamiliar(browser, user)).toBe(true);
});

/** As the server wrote it for each account before there was one cookie for all. */
const earlierCookieOf = ({ id }: User, [, browserId, signature]: readonly string[]) =>
  [
    `graphward-device-${createHash("sha256").update(id).digest("base64url").slice(0, 12)}`,
    `${browserId}.${signature}`,
  ] as const;

test("the earlier cookies, one an account, are still accepted, and taken over by the next login", async () => {
  const users = [await app.createUser(), await app.createUser(), await app.createUser()] as const;
  const earlier = new Client(app);
  for (const user of users) {
    const browser = new Client(app);
    await logIn(browser, user);
    const [name, value] = earlierCookieOf(user, (accountsOf(browser)[0] ?? "").split("."));
    earlier.deviceCookies.set(name, value);
    await lockOut(user);
  }
  const [alice, bob, carol] = users;
  expect(await isFamiliar(earlier, alice)).toBe(true);
  expect([...earlier.deviceCookies.keys()]).toEqual(["graphward-device"]);
  expect(await isFamiliar(earlier, bob)).toBe(true);
  expect(await isFamiliar(earlier, carol)).toBe(true);
  expect(accountsOf(earlier)).toHaveLength(3);
});

test("no more than ten earlier cookies are deleted at once, and a forged one is only deleted", async () => {
  const user = await app.createUser();
  const browser = new Client(app);
  for (let count = 10; count < 40; count += 1)
    browser.deviceCookies.set(`graphward-device-AAAAAAAAAA${count}`, `${"A".repeat(22)}.${"B".repeat(43)}`);
  const [name, value] = earlierCookieOf(user, ["", "A".repeat(22), "B".repeat(43)]);
  const forged = new Client(app, { deviceCookies: new Map([[name, value]]) });
  await logIn(browser, user);
  expect(browser.deviceCookies.size).toBe(21);
  await lockOut(user);
  expect(await isFamiliar(forged, user)).toBe(false);
});
