import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Client, logInAs, wholeOf } from "../../harness/client.ts";
import { messagesTo, secretIn } from "../../harness/mail/inbox.ts";
import { until } from "../../harness/mail/mail.ts";
import { type AppWithMail, startWithMail, type User } from "../../harness/server.ts";
import { createScript } from "../../harness/sign-in/access-token.ts";
import {
  ChangeEmailDocument,
  ChangePasswordDocument,
  LogInDocument,
  PrivateDocument,
  ReauthenticateDocument,
  RequestPasswordResetDocument,
  ResetPasswordDocument,
} from "../../operations/generated/graphql.ts";

let app: AppWithMail;
let user: User & { email: string };
let count = 0;
beforeAll(async () => {
  app = await startWithMail();
});
afterAll(() => app.close());
beforeEach(async () => {
  count += 1;
  const email = `owner${count}@example.org`;
  user = await app.createUser({ email });
});

const next = "seven herons on the weir";
const mailTo = (email: string, subject: RegExp) =>
  until(() => messagesTo(app.mail.received, email, subject)[0]);
const loggedIn = (mode: "TOKEN" | "SESSION" = "TOKEN") => logInAs(app, user, mode);
const copyOf = (client: Client) => new Client(app, { token: client.token, cookies: client.cookies });
const works = async (client: Client) => (await client.run(PrivateDocument)).codes.length === 0;
const linksOf = async ({ id }: User) => {
  const links = app.database.selectFrom("one_time_tokens").select("purpose").where("user_id", "=", id);
  return (await links.execute()).map(({ purpose }) => purpose);
};
const canLogIn = async (password: string) =>
  (await new Client(app).run(LogInDocument, { username: user.username, password })).codes.length === 0;

describe("a forgotten password", () => {
  const request = (email: string) => new Client(app).run(RequestPasswordResetDocument, { email });
  const reset = (token: string, newPassword = next) =>
    new Client(app).run(ResetPasswordDocument, { token, newPassword });
  const linkFor = async (email: string) => {
    await request(email);
    return secretIn(await mailTo(email, /new password/));
  };

  test("is answered byte for byte alike for any address, by one job, and mailed only where there is an account", async () => {
    const known = await request(user.email);
    const unknown = await request("nobody@example.org");
    expect(wholeOf(unknown)).toEqual(wholeOf(known));
    await mailTo(user.email, /new password/);
    await until(
      async () => (await app.database.selectFrom("one_time_tokens").select("id").execute()).length > 0,
    );
    expect(app.mail.raw.some((message) => message.includes("nobody@example.org"))).toBe(false);
    expect((await request("no address")).codes).toEqual(["BAD_USER_INPUT"]);
  });

  test("is set by the link once: every credential ends, the owner is told, and nobody is logged in", async () => {
    const script = await createScript(app, user, ["profile:read"]);
    const clients = [await loggedIn("TOKEN"), await loggedIn("SESSION"), script.client];
    expect(await Promise.all(clients.map(works))).toEqual([true, true, true]);
    const token = await linkFor(user.email);
    const answer = await reset(token);
    expect(answer.data?.resetPassword?.message).toMatch(/log in/);
    expect(answer.headers.getSetCookie()).toEqual([expect.stringMatching(/^graphward-device=/)]);
    expect(await Promise.all(clients.map(works))).toEqual([false, false, false]);
    expect([await canLogIn(user.password), await canLogIn(next)]).toEqual([false, true]);
    expect((await reset(token)).codes).toEqual(["INVALID_TOKEN"]);
    await mailTo(user.email, /password was changed/);
  });

  test("ends the links that the account has asked for", async () => {
    const client = await loggedIn();
    const email = `wanted-${count}@example.org`;
    expect((await client.run(ChangeEmailDocument, { email })).codes).toEqual([]);
    expect(await linksOf(user)).toEqual(["change-address"]);
    expect((await reset(await linkFor(user.email))).codes).toEqual([]);
    expect(await linksOf(user)).toEqual([]);
  });

  test("is set once by twenty at the same moment", async () => {
    const token = await linkFor(user.email);
    const answers = await Promise.all(Array.from({ length: 20 }, () => reset(token)));
    const outcomes = answers.map(({ codes }) => codes[0] ?? "set").sort();
    expect(outcomes).toEqual([...Array(19).fill("INVALID_TOKEN"), "set"]);
  });

  test("is not set by a link of another purpose, expired, or to an address that was left; a weak one keeps the link", async () => {
    const token = await linkFor(user.email);
    const weak = await reset(token, "password1234");
    expect(weak.errors[0]?.extensions.fields).toEqual([expect.objectContaining({ field: "newPassword" })]);
    const { id } = await app.database
      .updateTable("one_time_tokens")
      .set({ purpose: "verify-address" })
      .where("user_id", "=", user.id)
      .returning("id")
      .executeTakeFirstOrThrow();
    const row = () => app.database.updateTable("one_time_tokens").where("id", "=", id);
    expect((await reset(token)).codes).toEqual(["INVALID_TOKEN"]);
    await row().set({ purpose: "reset-password", sent_to: "left@example.org" }).execute();
    expect((await reset(token)).codes).toEqual(["INVALID_TOKEN"]);
    await row().set({ sent_to: user.email, expires_at: new Date() }).execute();
    expect((await reset(token)).codes).toEqual(["INVALID_TOKEN"]);
    expect(await canLogIn(user.password)).toBe(true);
  });
});

describe("a change of the password", () => {
  const change = (client: Client, currentPassword = user.password) =>
    client.run(ChangePasswordDocument, { currentPassword, newPassword: next });

  test("needs the current one", async () => {
    const client = await loggedIn();
    expect((await change(client, "not this one at all")).codes).toEqual(["INVALID_CREDENTIALS"]);
    expect(await works(client)).toBe(true);
    expect((await change(new Client(app))).codes).toEqual(["UNAUTHENTICATED"]);
  });

  test.each(["TOKEN", "SESSION"] as const)(
    "ends the other sessions and replaces the credential that made it (%s)",
    async (mode) => {
      const other = await loggedIn();
      const client = await loggedIn(mode);
      const captured = copyOf(client);
      const { data } = await change(client);
      expect(data?.changePassword?.token === null).toBe(mode === "SESSION");
      client.token = data?.changePassword?.token ?? null;
      expect([await works(client), await works(captured), await works(other)]).toEqual([true, false, false]);
      expect([await canLogIn(user.password), await canLogIn(next)]).toEqual([false, true]);
      await mailTo(user.email, /password was changed/);
    },
  );

  test("ends the links into the account", async () => {
    await new Client(app).run(RequestPasswordResetDocument, { email: user.email });
    const token = secretIn(await mailTo(user.email, /new password/));
    expect((await change(await loggedIn())).codes).toEqual([]);
    expect(await linksOf(user)).toEqual([]);
    const answer = await new Client(app).run(ResetPasswordDocument, { token, newPassword: next });
    expect(answer.codes).toEqual(["INVALID_TOKEN"]);
  });

  test("leaves the access tokens, and names them to the owner", async () => {
    const script = await createScript(app, user, ["profile:read"], "nightly <b>backup</b>");
    await createScript(app, user, ["profile:read"], "the other");
    expect((await change(await loggedIn())).codes).toEqual([]);
    expect(await works(script.client)).toBe(true);
    const message = await mailTo(user.email, /password was changed/);
    for (const name of ["nightly <b>backup</b>", "the other"]) expect(message.text).toContain(`“${name}”`);
    expect(message.html).toContain("“nightly &lt;b&gt;backup&lt;/b&gt;”");
  });

  test("of two at once with the same current password lets one through", async () => {
    const clients = [await loggedIn(), await loggedIn()];
    const answers = await Promise.all(clients.map((client) => change(client)));
    expect(answers.filter(({ data }) => data?.changePassword)).toHaveLength(1);
  });
});

describe("reauthentication", () => {
  test.each(["TOKEN", "SESSION"] as const)("replaces the %s, and ends the other half", async (mode) => {
    const client = new Client(app);
    await client.logIn(user, "SESSION_AND_TOKEN");
    const both = copyOf(client);
    if (mode === "SESSION") client.token = null;
    const { data } = await client.run(ReauthenticateDocument, { password: user.password });
    expect(data?.reauthenticate?.message).toBe("The proof is correct.");
    const renewed = new Client(app);
    if (mode === "TOKEN") renewed.token = data?.reauthenticate?.token ?? "";
    else for (const [name, value] of client.cookies) renewed.cookies.set(name, value);
    expect(await works(renewed)).toBe(true);
    const oldToken = new Client(app, { token: both.token });
    const oldCookie = new Client(app, { cookies: both.cookies });
    expect([await works(oldCookie), await works(oldToken)]).toEqual([false, false]);
  });

  test("with a wrong password changes nothing", async () => {
    const client = await loggedIn();
    const { codes } = await client.run(ReauthenticateDocument, { password: "not this one at all" });
    expect(codes).toEqual(["INVALID_CREDENTIALS"]);
    expect(await works(client)).toBe(true);
  });
});
