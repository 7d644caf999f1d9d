import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lockName } from "../../../src/auth/users/locks.ts";
import { type Answer, Client, logInAs, wholeOf } from "../../harness/client.ts";
import { countBlockedBy, withoutNotices } from "../../harness/database/backends.ts";
import { messagesTo, secretIn } from "../../harness/mail/inbox.ts";
import { jobsOf, until } from "../../harness/mail/mail.ts";
import { graphward } from "../../harness/process.ts";
import { type AppWithMail, startWithMail, type User } from "../../harness/server.ts";
import { createScript } from "../../harness/sign-in/access-token.ts";
import {
  AuditEventsDocument,
  ChangeEmailDocument,
  ChangePasswordDocument,
  ChangeUsernameDocument,
  ConfirmEmailChangeDocument,
  CreateAccessTokenDocument,
  LogInDocument,
  PrivateDocument,
  RegisterDocument,
  RequestPasswordResetDocument,
  ResetPasswordDocument,
  VerifyEmailDocument,
} from "../../operations/generated/graphql.ts";

let app: AppWithMail;
beforeAll(async () => {
  app = await startWithMail();
});
afterAll(() => app.close());

const password = "a quiet tram at dawn";
const newAddress = () => `mail-${randomBytes(6).toString("hex")}@example.org`;
type Owner = User & { email: string };
const newOwner = async (): Promise<Owner> => {
  const email = newAddress();
  return await app.createUser({ email });
};
const loggedIn = (user: Pick<User, "username" | "password">) => logInAs(app, user);
const change = (client: Client, email: string) => client.run(ChangeEmailDocument, { email });
const confirm = (token: string) => new Client(app).run(ConfirmEmailChangeDocument, { token });
const brokenRules = ({ errors }: Pick<Answer<unknown>, "errors">) => errors[0]?.extensions.fields;

const mailTo = (email: string, subject: RegExp) => messagesTo(app.mail.received, email, subject);
const sent = () => until(async () => (await jobsOf(app.database)).length === 0);
/** The secret of the last link to this address. */
const linkTo = async (email: string, subject: RegExp) =>
  secretIn(await until(() => mailTo(email, subject).at(-1)));
const confirmLink = async (client: Client, email: string) => {
  expect((await change(client, email)).codes).toEqual([]);
  await sent();
  return linkTo(email, /new email/);
};
const emailOf = async (client: Client) =>
  (await client.run<{ viewer: { email: string | null } | null }, object>("{ viewer { email } }")).data?.viewer
    ?.email;
const codesOfLogin = async (username: string, own: string) =>
  (await new Client(app).run(LogInDocument, { username, password: own })).codes;

describe("a change of address", () => {
  test("waits for the link to the new address, is told to the old one, and keeps every session", async () => {
    const user = await newOwner();
    const [client, other] = [await loggedIn(user), await loggedIn(user)];
    const next = newAddress();
    const token = await confirmLink(client, next);
    expect(await emailOf(other)).toBe(user.email);
    expect(await codesOfLogin(next, user.password)).toEqual(["INVALID_CREDENTIALS"]);

    const { data } = await confirm(token);
    expect(data?.confirmEmailChange?.message).toBe("The email is changed.");
    expect([await emailOf(client), await emailOf(other)]).toEqual([next, next]);
    expect(await codesOfLogin(next, user.password)).toEqual([]);
    expect(await codesOfLogin(user.email, user.password)).toEqual(["INVALID_CREDENTIALS"]);
    expect(await linkTo(user.email, /email was changed/)).toMatch(/^\w{43}$/);
    const { data: trail } = await client.run(AuditEventsDocument, { type: "EMAIL_CHANGED" });
    expect(trail?.auditEvents?.nodes).toEqual([
      expect.objectContaining({ actorId: user.id, details: { from: user.email, to: next } }),
    ]);
  });

  test("is seen at once on the server that made it, where no notice arrives", async () => {
    const client = await loggedIn(await newOwner());
    const next = newAddress();
    const token = await confirmLink(client, next);
    await withoutNotices(app.database, async () => {
      await emailOf(client);
      expect((await confirm(token)).codes).toEqual([]);
      expect(await emailOf(client)).toBe(next);
    });
  });

  test("needs a login of the last ten minutes, and no access token will do", async () => {
    const user = await newOwner();
    const client = await loggedIn(user);
    const script = await createScript(app, user, ["profile:read"]);
    await app.database
      .updateTable("sessions")
      .set({ authenticated_at: sql<Date>`now() - interval '10 minutes 1 second'` })
      .where("user_id", "=", user.id)
      .execute();
    expect((await change(client, newAddress())).codes).toEqual(["REAUTHENTICATION_REQUIRED"]);
    expect((await change(script.client, newAddress())).codes).toEqual(["FORBIDDEN"]);
    expect((await change(new Client(app), newAddress())).codes).toEqual(["UNAUTHENTICATED"]);
  });

  test.each([
    ["no address", "nowhere"],
    ["nothing", ""],
    ["10 KB", `${"a".repeat(10_240)}@example.org`],
    ["a header", "a@example.org\r\nBcc: everybody@example.org"],
    ["a second recipient", "a@example.org, b@example.org"],
    ["a name", "Grace <a@example.org>"],
    ["a NUL", "a\u0000@example.org"],
  ])("to %s is refused by its field", async (_what, email) => {
    const answer = await change(await loggedIn(await newOwner()), email);
    expect(answer.codes).toEqual(["BAD_USER_INPUT"]);
    expect(brokenRules(answer)).toEqual([expect.objectContaining({ field: "email" })]);
  });

  test("takes one text, and no list, number or object", async () => {
    const client = await loggedIn(await newOwner());
    const query = "mutation ($email: String!) { changeEmail(email: $email) { message } }";
    for (const email of [["a@example.org"], 7, { $ne: null }, null])
      expect((await client.post(JSON.stringify({ query, variables: { email } }))).codes).toEqual([
        "BAD_USER_INPUT",
      ]);
  });

  test("to the address that the account has is none", async () => {
    const user = await newOwner();
    const answer = await change(await loggedIn(user), user.email);
    expect(brokenRules(answer)).toEqual([expect.objectContaining({ field: "email", rule: "unchanged" })]);
  });

  test("to other letters of the same address gives nothing to undo", async () => {
    const user = await newOwner();
    const client = await loggedIn(user);
    const next = user.email.replace("mail-", "Mail-");
    expect((await confirm(await confirmLink(client, next))).codes).toEqual([]);
    expect(await emailOf(client)).toBe(next);
    await sent();
    expect(mailTo(user.email, /email was changed/)).toEqual([]);
  });

  test("gives an account its first address, with nobody to tell", async () => {
    const user = await app.createUser();
    const client = await loggedIn(user);
    const next = newAddress();
    expect((await confirm(await confirmLink(client, next))).codes).toEqual([]);
    expect(await emailOf(client)).toBe(next);
    expect(await codesOfLogin(next, user.password)).toEqual([]);
    const links = app.database.selectFrom("one_time_tokens").select("purpose").where("user_id", "=", user.id);
    expect(await links.execute()).toEqual([]);
  });

  test("by an account that has proven no address tells nobody, and lets nothing of that address live on", async () => {
    const person = { username: `p-${randomBytes(5).toString("hex")}`, email: newAddress(), password };
    await new Client(app).run(RegisterDocument, { input: person });
    const old = await linkTo(person.email, /Confirm/);
    const client = await loggedIn(person);
    expect((await confirm(await confirmLink(client, newAddress()))).codes).toEqual([]);
    await sent();
    expect(mailTo(person.email, /email was changed/)).toEqual([]);
    expect((await client.run(VerifyEmailDocument, { token: old })).codes).toEqual(["INVALID_TOKEN"]);
  });
});

describe("the link to the new address", () => {
  test("is replaced by a newer one, whether the newer address is free or taken", async () => {
    const owner = await newOwner();
    for (const newer of [newAddress(), owner.email]) {
      const client = await loggedIn(await newOwner());
      const older = await confirmLink(client, newAddress());
      expect((await change(client, newer)).codes).toEqual([]);
      expect((await confirm(older)).codes).toEqual(["INVALID_TOKEN"]);
    }
  });

  test("works once of twenty at the same moment", async () => {
    const token = await confirmLink(await loggedIn(await newOwner()), newAddress());
    const answers = await Promise.all(Array.from({ length: 20 }, () => confirm(token)));
    const outcomes = answers.map(({ codes }) => codes[0] ?? "changed").sort();
    expect(outcomes).toEqual([...Array(19).fill("INVALID_TOKEN"), "changed"]);
  });

  test("is none when it is expired, made up, or for something else", async () => {
    const user = await newOwner();
    const token = await confirmLink(await loggedIn(user), newAddress());
    for (const wrong of ["", "x", token.slice(1), `${token}0`, "A".repeat(43)])
      expect((await confirm(wrong)).codes).toEqual(["INVALID_TOKEN"]);
    const row = app.database.updateTable("one_time_tokens").where("user_id", "=", user.id);
    await row.set({ purpose: "verify-address" }).execute();
    expect((await confirm(token)).codes).toEqual(["INVALID_TOKEN"]);
    await row.set({ purpose: "change-address", expires_at: new Date() }).execute();
    expect((await confirm(token)).codes).toEqual(["INVALID_TOKEN"]);
  });

  test("is dead once the password is changed, reset, or set by an operator", async () => {
    const next = "seven herons on the weir";
    const user = await newOwner();
    const changing = await confirmLink(await loggedIn(user), newAddress());
    const passwords = { currentPassword: user.password, newPassword: next };
    expect((await (await loggedIn(user)).run(ChangePasswordDocument, passwords)).codes).toEqual([]);
    expect((await confirm(changing)).codes).toEqual(["INVALID_TOKEN"]);

    const resetting = await confirmLink(await loggedIn({ ...user, password: next }), newAddress());
    await new Client(app).run(RequestPasswordResetDocument, { email: user.email });
    const token = await linkTo(user.email, /new password/);
    const { codes } = await new Client(app).run(ResetPasswordDocument, { token, newPassword: password });
    expect(codes).toEqual([]);
    expect((await confirm(resetting)).codes).toEqual(["INVALID_TOKEN"]);

    const setting = await confirmLink(await loggedIn({ ...user, password }), newAddress());
    const set = await graphward(["user", "password", "--username", user.username, "--password-stdin"], {
      on: app,
      input: `${next}\n`,
    });
    expect(set).toMatchObject({ status: 0 });
    expect((await confirm(setting)).codes).toEqual(["INVALID_TOKEN"]);
  });

  test("ends a reset that was sent to the old address", async () => {
    const user = await newOwner();
    await new Client(app).run(RequestPasswordResetDocument, { email: user.email });
    const token = await linkTo(user.email, /new password/);
    const client = await loggedIn(user);
    expect((await confirm(await confirmLink(client, newAddress()))).codes).toEqual([]);
    // Nor does it live again with the address.
    expect((await confirm(await confirmLink(client, user.email))).codes).toEqual([]);
    const reset = await new Client(app).run(ResetPasswordDocument, { token, newPassword: password });
    expect(reset.codes).toEqual(["INVALID_TOKEN"]);
  });

  test("changes nothing when somebody else has taken the address meanwhile", async () => {
    const user = await newOwner();
    const client = await loggedIn(user);
    const next = newAddress();
    const token = await confirmLink(client, next);
    await app.createUser({ email: next });
    expect((await confirm(token)).codes).toEqual(["INVALID_TOKEN"]);
    expect(await emailOf(client)).toBe(user.email);
  });

  test("of ten accounts and a registration at once gives the address to one, and no answer is a fault", async () => {
    const contested = newAddress();
    const tokens = [];
    for (let index = 0; index < 10; index += 1)
      tokens.push(await confirmLink(await loggedIn(await newOwner()), contested));
    const input = { username: `p-${randomBytes(5).toString("hex")}`, email: contested, password };
    const [registered, ...answers] = await Promise.all([
      new Client(app).run(RegisterDocument, { input }),
      ...tokens.map(confirm),
    ]);
    expect(registered?.codes).toEqual([]);
    const outcomes = answers.map(({ codes }) => codes[0] ?? "changed");
    expect(outcomes.filter((outcome) => outcome === "changed").length).toBeLessThanOrEqual(1);
    expect(new Set([...outcomes, "changed"])).toEqual(new Set(["changed", "INVALID_TOKEN"]));
    const owners = app.database.selectFrom("users").select("id").where("canonical_email", "=", contested);
    expect(await owners.execute()).toHaveLength(1);
  });

  test("waits for a registration that is taking the address on another server, and changes nothing then", async () => {
    const next = newAddress();
    const user = await newOwner();
    const token = await confirmLink(await loggedIn(user), next);
    const other = await app.createUser();
    const confirmed = await app.database.transaction().execute(async (transaction) => {
      await lockName(transaction, "address", next);
      const taken = { email: next, canonical_email: next };
      await transaction.updateTable("users").set(taken).where("id", "=", other.id).execute();
      const answer = confirm(token);
      await until(async () => (await countBlockedBy(transaction)) === 1);
      return { answer };
    });
    expect((await confirmed.answer).codes).toEqual(["INVALID_TOKEN"]);
  });
});

describe("asking for a change", () => {
  /** All that whoever asked can see. */
  const seen = async (email: string) => {
    const own = newAddress();
    const user = await app.createUser({ email: own, password });
    const client = await loggedIn(user);
    const asked = await change(client, email);
    const again = await change(client, email);
    const shown = await emailOf(client);
    const byAddress = await codesOfLogin(email, user.password);
    return { asked: wholeOf(asked), again: wholeOf(again), isUnchanged: shown === own, byAddress };
  };

  test("tells nothing, not in a byte, of an address that somebody has, but to its owner", async () => {
    const owner = await newOwner();
    const unproven = { username: `p-${randomBytes(5).toString("hex")}`, email: newAddress(), password };
    await new Client(app).run(RegisterDocument, { input: unproven });
    const free = await seen(newAddress());
    expect(free).toMatchObject({ isUnchanged: true, byAddress: ["INVALID_CREDENTIALS"] });
    expect(await seen(owner.email.toUpperCase())).toEqual(free);
    expect(await seen(unproven.email)).toEqual(free);
    await sent();
    expect(mailTo(owner.email, /already have an account/)).toHaveLength(2);
    expect(mailTo(owner.email, /new email/)).toEqual([]);
  });

  test("for the address of a registration sends its link again, which still asks for the account", async () => {
    const stranger = { username: `p-${randomBytes(5).toString("hex")}`, email: newAddress(), password };
    await new Client(app).run(RegisterDocument, { input: stranger });
    const client = await loggedIn(stranger);
    const other = await confirmLink(client, newAddress());
    expect((await change(client, stranger.email)).codes).toEqual([]);
    expect((await confirm(other)).codes).toEqual(["INVALID_TOKEN"]);
    await sent();
    expect(mailTo(stranger.email, /new email/)).toEqual([]);
    expect(mailTo(stranger.email, /Confirm your email/)).toHaveLength(2);
    const token = await linkTo(stranger.email, /Confirm your email/);
    expect((await new Client(app).run(VerifyEmailDocument, { token })).codes).toEqual(["UNAUTHENTICATED"]);
  });

  test("for the taken address of a registration is answered like a free one, and tells its owner", async () => {
    const owner = await newOwner();
    const register = async (email: string) => {
      const person = { username: `p-${randomBytes(5).toString("hex")}`, email, password };
      await new Client(app).run(RegisterDocument, { input: person });
      return loggedIn(person);
    };
    const free = newAddress();
    const [pending, fresh] = [await register(owner.email), await register(free)];
    expect(wholeOf(await change(pending, owner.email))).toEqual(wholeOf(await change(fresh, free)));
    expect([await emailOf(pending), await emailOf(fresh)]).toEqual([owner.email, free]);
    await sent();
    expect(mailTo(owner.email, /already have an account/)).toHaveLength(2);
  });
});

describe("a thief whose session ends", () => {
  test.each([
    ["change of address", (client: Client) => change(client, newAddress())],
    ["change of username", (client: Client) => client.run(ChangeUsernameDocument, { username: "somebody" })],
    [
      "access token",
      (client: Client) =>
        client.run(CreateAccessTokenDocument, { input: { name: "a way back", scopes: ["profile:read"] } }),
    ],
  ])("gets no %s that was being waited for", async (_what, ask) => {
    const user = await newOwner();
    const client = await loggedIn(user);
    const asked = await app.database.transaction().execute(async (transaction) => {
      await transaction.selectFrom("users").select("id").where("id", "=", user.id).forUpdate().execute();
      const answer = ask(client);
      await until(async () => (await countBlockedBy(transaction)) === 1);
      await transaction.deleteFrom("sessions").where("user_id", "=", user.id).execute();
      return { answer };
    });
    expect((await asked.answer).codes).toEqual(["REAUTHENTICATION_REQUIRED"]);
    // Somebody else's hand has ended it: the server hears of that.
    await until(async () => (await client.run(PrivateDocument)).status === 401);
  });
});
