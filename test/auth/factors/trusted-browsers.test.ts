import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client } from "../../harness/client.ts";
import { type App, startApp } from "../../harness/server.ts";
import { codeOf, type Enrolled, enrolTotp, logInWithCode } from "../../harness/sign-in/second-factors.ts";
import {
  ChangePasswordDocument,
  ConfirmTotpDocument,
  DeactivateUserDocument,
  LogInDocument,
  LogOutDocument,
  LogOutEverywhereDocument,
  ReactivateUserDocument,
  RemoveTotpDocument,
  RevokeSessionDocument,
  RevokeTrustedBrowserDocument,
  RevokeTrustedBrowsersDocument,
  StartTotpDocument,
  TrustedBrowsersDocument,
} from "../../operations/generated/graphql.ts";

let app: App;
let administrator: Client;

beforeAll(async () => {
  app = await startApp();
  administrator = new Client(app);
  await administrator.logIn(await app.createUser({ roles: ["ADMIN"] }), "TOKEN");
});
afterAll(() => app.close());

interface Trusting extends Enrolled {
  /** Its second step was done with `trustBrowser`, and it has logged out since. */
  readonly browser: Client;
}

const newUser = () => app.createUser({ email: `${crypto.randomUUID()}@example.org` });

const trustOne = async (roles: readonly string[] = []): Promise<Trusting> => {
  const user = await app.createUser({ email: `${crypto.randomUUID()}@example.org`, roles });
  const enrolled = await enrolTotp(app, user);
  const browser = await logInWithCode(app, user, codeOf(enrolled.secret), { trustBrowser: true });
  expect((await browser.run(LogOutDocument)).codes).toEqual([]);
  browser.token = null;
  return { ...enrolled, browser };
};

/** What a login in this browser answers. */
const logInAgain = async (browser: Client, user: { username: string; password: string }) => {
  const client = new Client(app, { deviceCookies: browser.deviceCookies });
  const { data, codes } = await client.run(LogInDocument, user);
  return data?.login?.challenge ? "asked" : data?.login?.userId ? "logged in" : codes.join();
};

describe("a trusted browser", () => {
  test("logs in with the password alone, and others do not", async () => {
    const { user, browser } = await trustOne();
    expect(await logInAgain(browser, user)).toBe("logged in");
    expect(await logInAgain(new Client(app), user)).toBe("asked");
  });

  test("spares the second step only: never the password, and never the proof of a sensitive act", async () => {
    const { user, browser } = await trustOne();
    expect(await logInAgain(browser, { ...user, password: "a password that nobody has" })).toBe(
      "INVALID_CREDENTIALS",
    );
    const client = new Client(app, { deviceCookies: browser.deviceCookies });
    await client.logIn(user);
    expect((await client.run(RemoveTotpDocument)).errors).toMatchObject([
      { extensions: { code: "REAUTHENTICATION_REQUIRED", methods: ["TOTP", "RECOVERY_CODE"] } },
    ]);
  });

  test("is trusted for its own user only", async () => {
    const { browser } = await trustOne();
    const other = await enrolTotp(app, await newUser());
    expect(await logInAgain(browser, other.user)).toBe("asked");
  });

  test("is no browser of an administrator, nor of a user whose role grants anything", async () => {
    await app.database
      .insertInto("roles")
      .values({ name: "HELPER", permissions: ["users:read"] })
      .execute();
    for (const role of ["ADMIN", "HELPER"]) {
      const { user, browser } = await trustOne([role]);
      expect(await logInAgain(browser, user)).toBe("asked");
      expect([...browser.deviceCookies.keys()]).toEqual(["graphward-device"]);
    }
    // Promoted after the browser was trusted.
    const { user, browser } = await trustOne();
    await app.database
      .updateTable("users")
      .set({ roles: ["HELPER"] })
      .where("id", "=", user.id)
      .execute();
    expect(await logInAgain(browser, user)).toBe("asked");
  });

  test("is not made by an app, which keeps no cookies, and not unless it is asked for", async () => {
    const { user, secret } = await enrolTotp(app, await newUser());
    const phone = await logInWithCode(app, user, codeOf(secret), { trustBrowser: true, mode: "TOKEN" });
    expect([...phone.deviceCookies.keys()]).toEqual([]);
    const browser = await logInWithCode(app, user, codeOf(secret, { steps: 1 }));
    expect([...browser.deviceCookies.keys()]).toEqual(["graphward-device"]);
  });

  test("is one for 30 days, however often it is used", async () => {
    const { user, browser } = await trustOne();
    const move = (by: string) =>
      app.database
        .updateTable("trusted_browsers")
        .set({ expires_at: sql<Date>`expires_at - ${by}::interval` })
        .where("user_id", "=", user.id)
        .execute();
    await move("29 days 23 hours");
    expect(await logInAgain(browser, user)).toBe("logged in");
    await move("1 hour");
    expect(await logInAgain(browser, user)).toBe("asked");
  });

  test("has another secret after each second step, so that a copy of the earlier cookie is of no use", async () => {
    const { user, secret, browser } = await trustOne();
    const stolen = new Client(app, { deviceCookies: browser.deviceCookies });
    await app.database
      .updateTable("totp_factors")
      .set({ last_step: 0 })
      .where("user_id", "=", user.id)
      .execute();
    // Asked again, because the factor's epoch was raised, as after a new recovery code list.
    const move = { factor_epoch: sql<number>`factor_epoch + 1` };
    await app.database.updateTable("users").set(move).where("id", "=", user.id).execute();
    await logInWithCode(app, user, codeOf(secret), { trustBrowser: true, client: browser });
    expect(await logInAgain(browser, user)).toBe("logged in");
    expect(await logInAgain(stolen, user)).toBe("asked");
  });
});

test("leaves no row behind when it is trusted again", async () => {
  const { user, secret, browser } = await trustOne();
  await app.database
    .updateTable("totp_factors")
    .set({ last_step: 0 })
    .where("user_id", "=", user.id)
    .execute();
  await app.database
    .updateTable("trusted_browsers")
    .set({ generation: -1 })
    .where("user_id", "=", user.id)
    .execute();
  await logInWithCode(app, user, codeOf(secret), { trustBrowser: true, client: browser });
  const rows = await app.database
    .selectFrom("trusted_browsers")
    .select("generation")
    .where("user_id", "=", user.id)
    .execute();
  expect(rows).toEqual([{ generation: 0 }]);
});

const ends: Record<string, (trusting: Trusting) => Promise<unknown>> = {
  "a new password": async ({ client, user }) => {
    const newPassword = "another passphrase of mine";
    const changed = await client.run(ChangePasswordDocument, { currentPassword: user.password, newPassword });
    Object.assign(user, { password: newPassword });
    return changed;
  },
  "another app with codes": async ({ client }) => {
    const next = (await client.run(StartTotpDocument)).data?.startTotp?.secret ?? "";
    return client.run(ConfirmTotpDocument, { code: codeOf(next) });
  },
  "a logout everywhere": ({ client }) => client.run(LogOutEverywhereDocument),
  "a deactivation": async ({ user }) => {
    await administrator.run(DeactivateUserDocument, { id: user.id });
    return administrator.run(ReactivateUserDocument, { id: user.id });
  },
  "the revocation of all": ({ client }) => client.run(RevokeTrustedBrowsersDocument),
  "its own revocation": async ({ client }) => {
    const { data } = await client.run(TrustedBrowsersDocument);
    return client.run(RevokeTrustedBrowserDocument, { id: data?.trustedBrowsers?.[0]?.id ?? "" });
  },
};

describe("the trust in a browser ends with", () => {
  test.each(Object.keys(ends))("%s", async (name) => {
    const trusting = await trustOne();
    expect(await ends[name]?.(trusting)).toMatchObject({ codes: [] });
    expect(await logInAgain(trusting.browser, trusting.user)).toBe("asked");
  });
});

test("it outlives a logout and the end of one session", async () => {
  const { user, browser } = await trustOne();
  const client = new Client(app, { deviceCookies: browser.deviceCookies });
  await client.logIn(user);
  const { data } = await client.run("{ sessions { id current } }");
  const sessions = (data as { sessions: { id: string; current: boolean }[] }).sessions;
  const { id = "" } = sessions.find(({ current }) => current) ?? {};
  expect((await client.run(RevokeSessionDocument, { id })).codes).toEqual([]);
  expect(await logInAgain(browser, user)).toBe("logged in");
});

test("a user sees the own trusted browsers, and revokes no other's", async () => {
  const { client } = await trustOne();
  const other = await trustOne();
  const { data } = await client.run(TrustedBrowsersDocument);
  expect(data?.trustedBrowsers).toHaveLength(1);
  const id = data?.trustedBrowsers?.[0]?.id ?? "";
  for (const wrong of [id, crypto.randomUUID(), "x"])
    expect((await other.client.run(RevokeTrustedBrowserDocument, { id: wrong })).codes).toEqual([
      "NOT_FOUND",
    ]);
  expect((await other.client.run(RevokeTrustedBrowsersDocument)).data?.revokeTrustedBrowsers?.count).toBe(1);
  expect((await client.run(TrustedBrowsersDocument)).data?.trustedBrowsers).toHaveLength(1);
});
