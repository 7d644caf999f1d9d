import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clientAt } from "../../harness/addressed-client.ts";
import type { Client } from "../../harness/client.ts";
import { messagesTo, secretIn } from "../../harness/mail/inbox.ts";
import { readOutbox, sendLink, until } from "../../harness/mail/mail.ts";
import { graphward } from "../../harness/process.ts";
import { type App, startApp, type User } from "../../harness/server.ts";
import {
  ChangePasswordDocument,
  LogInDocument,
  ResetPasswordDocument,
  ViewerDocument,
} from "../../operations/generated/graphql.ts";

let app: App;
beforeAll(async () => {
  // The figures that hold by default.
  app = await startApp({ RATE_LIMITS: "", TRUST_PROXY: "1" });
});
afterAll(() => app.close());

let people = 0;
const newPerson = async () => {
  people += 1;
  return app.createUser({ email: `held-out-${people}@example.com` });
};

const next = "seven herons on the weir";
const tryTo = async (client: Client, username: string, password: string) =>
  (await client.run(LogInDocument, { username, password, mode: "SESSION" })).codes;
/** As strangers do who want the owner out: what counts against the account is spent. */
const keepOut = async ({ username, email }: User) => {
  for (const name of [username, email ?? ""])
    for (let attempt = 1; attempt <= 6; attempt += 1)
      await tryTo(clientAt(app), name, "a password that nobody has");
};
const knownTo = async (user: User, mode: "SESSION" | "SESSION_AND_TOKEN" = "SESSION") => {
  const browser = clientAt(app);
  await browser.logIn(user, mode);
  return browser;
};
const reset = async ({ id: userId, email }: User, client = clientAt(app)) => {
  const sentTo = email ?? "";
  await sendLink(app, { template: "reset-password", purpose: "reset-password", userId, sentTo });
  const token = await until(async () => {
    const [message] = messagesTo(await readOutbox(app.config.dataDir), sentTo);
    return message && secretIn(message);
  });
  expect((await client.run(ResetPasswordDocument, { token, newPassword: next })).codes).toEqual([]);
};
const change = async ({ password }: User, client: Client) => {
  const passwords = { currentPassword: password, newPassword: next };
  const { data } = await client.run(ChangePasswordDocument, passwords);
  expect(data?.changePassword).toBeTruthy();
  client.token = data?.changePassword?.token ?? null;
};
const command = async ({ username }: User) => {
  const environment = { DATABASE_URL: app.config.databaseUrl ?? "" };
  const args = ["user", "password", "--username", username, "--password-stdin"];
  expect((await graphward(args, { environment, input: next })).status).toBe(0);
};

describe("a new password makes strangers of the browsers that knew the old one:", () => {
  test.each<[how: string, replace: (user: User, browser: Client) => Promise<unknown>]>([
    ["a change", change],
    ["a reset", reset],
    ["the operator's command", command],
  ])(
    "by %s",
    async (_how, replace) => {
      const user = await newPerson();
      const [owners, collected] = [await knownTo(user), await knownTo(user)];
      await keepOut(user);
      expect(await tryTo(collected, user.username, user.password)).toEqual([]);
      await replace(user, owners);
      await keepOut(user);
      expect(await tryTo(collected, user.username, next)).toEqual(["RATE_LIMITED"]);
    },
    20_000,
  );
});

describe("whoever has set a new password is not kept out by strangers:", () => {
  test.each(["SESSION", "SESSION_AND_TOKEN"] as const)("the browser that changed it (%s)", async (mode) => {
    const user = await newPerson();
    const browser = await knownTo(user, mode);
    await change(user, browser);
    await keepOut(user);
    expect(await tryTo(browser, user.username, next)).toEqual([]);
  });

  test("the browser that reset it by mail, and it is logged in nowhere", async () => {
    const user = await newPerson();
    const browser = clientAt(app);
    await reset(user, browser);
    expect((await browser.run(ViewerDocument)).data).toEqual({ viewer: null });
    await keepOut(user);
    expect(await tryTo(browser, user.username, next)).toEqual([]);
  });

  test.each(["username", "email"] as const)(
    "an app without cookies, after a reset, by the %s",
    async (name) => {
      const user = await newPerson();
      await keepOut(user);
      expect(await tryTo(clientAt(app), user[name] ?? "", user.password)).toEqual(["RATE_LIMITED"]);
      await reset(user);
      expect(await tryTo(clientAt(app), user[name] ?? "", next)).toEqual([]);
    },
  );

  test("an app that never had a cookie gets none by changing it", async () => {
    const user = await newPerson();
    const client = clientAt(app);
    await client.logIn(user, "TOKEN");
    await change(user, client);
    expect(client.deviceCookies.size).toBe(0);
  });
});
