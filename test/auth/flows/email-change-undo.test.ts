import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Client, logInAs } from "../../harness/client.ts";
import { withoutNotices } from "../../harness/database/backends.ts";
import { messagesTo, secretIn } from "../../harness/mail/inbox.ts";
import { jobsOf, until } from "../../harness/mail/mail.ts";
import { type AppWithMail, startWithMail, type User } from "../../harness/server.ts";
import { createScript } from "../../harness/sign-in/access-token.ts";
import {
  AuditEventsDocument,
  ChangeEmailDocument,
  ChangePasswordDocument,
  ConfirmEmailChangeDocument,
  LogInDocument,
  PrivateDocument,
  RegisterDocument,
  RequestPasswordResetDocument,
  ResetPasswordDocument,
  UndoEmailChangeDocument,
  VerifyEmailDocument,
} from "../../operations/generated/graphql.ts";

let app: AppWithMail;
let user: User & { email: string };
beforeAll(async () => {
  app = await startWithMail();
});
afterAll(() => app.close());
beforeEach(async () => {
  const email = newAddress();
  user = await app.createUser({ email });
});

const next = "seven herons on the weir";
const newAddress = () => `mail-${randomBytes(6).toString("hex")}@example.org`;
const newPerson = (email: string) => ({
  username: `p-${randomBytes(5).toString("hex")}`,
  email,
  password: next,
});
const loggedIn = (
  person: { username: string; password: string } = user,
  mode: "TOKEN" | "SESSION" = "TOKEN",
) => logInAs(app, person, mode);
const mailTo = (email: string, subject: RegExp) => messagesTo(app.mail.received, email, subject);
const sent = () => until(async () => (await jobsOf(app.database)).length === 0);
/** The secret of the last link to this address. */
const linkTo = async (email: string, subject: RegExp) => {
  await sent();
  return secretIn(await until(() => mailTo(email, subject).at(-1)));
};
/** Changes the address, and gives the link that went to the one before. */
const change = async (client: Client, from: string, to: string) => {
  expect((await client.run(ChangeEmailDocument, { email: to })).codes).toEqual([]);
  const token = await linkTo(to, /new email/);
  expect((await new Client(app).run(ConfirmEmailChangeDocument, { token })).codes).toEqual([]);
  return linkTo(from, /email was changed/);
};
const undo = (token: string) => new Client(app).run(UndoEmailChangeDocument, { token });
const reset = async (email: string, newPassword: string) => {
  const token = await linkTo(email, /new password/);
  return (await new Client(app).run(ResetPasswordDocument, { token, newPassword })).codes;
};
const codesOfLogin = async (username: string, password: string) =>
  (await new Client(app).run(LogInDocument, { username, password })).codes;
const works = async (client: Client) => (await client.run(PrivateDocument)).codes.length === 0;
const emailOf = async (id: string) =>
  app.database
    .selectFrom("users")
    .select(["email", "pending_email as pending", "email_verified_at as verifiedAt"])
    .where("id", "=", id)
    .executeTakeFirstOrThrow();

describe("taking a change of address back", () => {
  test("puts everybody out, gives the old address back, and asks it for a new password", async () => {
    const script = await createScript(app, user, ["profile:read"]);
    const clients = [await loggedIn(), await loggedIn(user, "SESSION"), script.client];
    const stolen = newAddress();
    const token = await change(await loggedIn(), user.email, stolen);
    const { data } = await undo(token);
    expect(data?.undoEmailChange?.message).toMatch(/old email is restored/);
    expect(await Promise.all(clients.map(works))).toEqual([false, false, false]);
    expect(await emailOf(user.id)).toMatchObject({ email: user.email, verifiedAt: expect.any(Date) });
    const devices = app.database.selectFrom("known_devices").select("user_id").where("user_id", "=", user.id);
    expect(await devices.execute()).toEqual([]);
    for (const name of [user.username, user.email, stolen])
      expect(await codesOfLogin(name, user.password)).toEqual(["INVALID_CREDENTIALS"]);

    expect(await reset(user.email, next)).toEqual([]);
    expect(await codesOfLogin(user.email, next)).toEqual([]);
    const { data: trail } = await (await loggedIn({ ...user, password: next })).run(AuditEventsDocument, {
      type: "EMAIL_CHANGED",
    });
    expect(trail?.auditEvents?.nodes[0]?.details).toEqual({
      reason: "ADDRESS_CHANGE_UNDONE",
      from: stolen,
      to: user.email,
    });
  });

  test("puts them out at once on the server that did it, where no notice arrives", async () => {
    const client = await loggedIn();
    const token = await change(client, user.email, newAddress());
    await withoutNotices(app.database, async () => {
      expect(await works(client)).toBe(true);
      expect((await undo(token)).codes).toEqual([]);
      expect(await works(client)).toBe(false);
    });
  });

  test("succeeds once of twenty at the same moment", async () => {
    const token = await change(await loggedIn(), user.email, newAddress());
    const answers = await Promise.all(Array.from({ length: 20 }, () => undo(token)));
    const outcomes = answers.map(({ codes }) => codes[0] ?? "undone").sort();
    expect(outcomes).toEqual([...Array(19).fill("INVALID_TOKEN"), "undone"]);
    await sent();
    expect(mailTo(user.email, /new password/)).toHaveLength(1);
  });

  test("works for 72 hours, with the link that was sent and no other", async () => {
    const token = await change(await loggedIn(), user.email, newAddress());
    for (const wrong of ["", "x", token.slice(1), `${token}0`, "A".repeat(43)])
      expect((await undo(wrong)).codes).toEqual(["INVALID_TOKEN"]);
    const age = (time: string) =>
      app.database
        .updateTable("one_time_tokens")
        .set({ expires_at: sql<Date>`expires_at - ${time}::interval` })
        .where("user_id", "=", user.id)
        .execute();
    await age("71 hours 59 minutes");
    const again = await change(await loggedIn(), (await emailOf(user.id)).email ?? "", newAddress());
    expect((await undo(token)).codes).toEqual([]);
    expect((await undo(again)).codes).toEqual(["INVALID_TOKEN"]);
    await reset(user.email, user.password);
    const late = await change(await loggedIn(), user.email, newAddress());
    await age("72 hours");
    expect((await undo(late)).codes).toEqual(["INVALID_TOKEN"]);
  });
});

describe("a thief", () => {
  test("who changes the address twice cannot outrun the first link, nor undo its undoing", async () => {
    const [first, second] = [newAddress(), newAddress()];
    const thief = await loggedIn();
    const ownersLink = await change(thief, user.email, first);
    const thiefsLink = await change(thief, first, second);
    await thief.run(ChangeEmailDocument, { email: newAddress() });
    expect((await undo(ownersLink)).codes).toEqual([]);
    expect((await undo(thiefsLink)).codes).toEqual(["INVALID_TOKEN"]);
    expect(await emailOf(user.id)).toMatchObject({ email: user.email });
    const left = app.database.selectFrom("one_time_tokens").select("purpose").where("user_id", "=", user.id);
    await sent();
    expect(await left.execute()).toEqual([{ purpose: "reset-password" }]);
  });

  test("who takes the second change back leaves the owner's link alone, also when the clock was put back between", async () => {
    const [first, second] = [newAddress(), newAddress()];
    const thief = await loggedIn();
    const ownersLink = await change(thief, user.email, first);
    await app.database
      .updateTable("one_time_tokens")
      .set({ created_at: sql<Date>`now() + interval '1 hour'` })
      .where("user_id", "=", user.id)
      .execute();
    const thiefsLink = await change(thief, first, second);
    expect((await undo(thiefsLink)).codes).toEqual([]);
    expect(await emailOf(user.id)).toMatchObject({ email: first });
    expect((await undo(ownersLink)).codes).toEqual([]);
    expect(await emailOf(user.id)).toMatchObject({ email: user.email });
  });

  test("who sets another password, by the old one or by a mail to the new address, cannot end the owner's link", async () => {
    const stolen = newAddress();
    const thief = await loggedIn();
    const ownersLink = await change(thief, user.email, stolen);
    const passwords = { currentPassword: user.password, newPassword: next };
    expect((await thief.run(ChangePasswordDocument, passwords)).codes).toEqual([]);
    await new Client(app).run(RequestPasswordResetDocument, { email: stolen });
    expect(await reset(stolen, "another one of the thief's")).toEqual([]);
    expect((await undo(ownersLink)).codes).toEqual([]);
    expect(await codesOfLogin(user.username, "another one of the thief's")).toEqual(["INVALID_CREDENTIALS"]);
    await new Client(app).run(RequestPasswordResetDocument, { email: stolen });
    await sent();
    expect(mailTo(stolen, /new password/)).toHaveLength(1);
  });

  test("who registers with the old address does not keep its owner from taking it back", async () => {
    const ownersLink = await change(await loggedIn(), user.email, newAddress());
    const squatter = newPerson(user.email);
    await new Client(app).run(RegisterDocument, { input: squatter });
    const client = await loggedIn(squatter);
    const verifying = await linkTo(user.email, /Confirm your email/);
    expect((await undo(ownersLink)).codes).toEqual([]);
    expect(await emailOf(user.id)).toMatchObject({ email: user.email });
    const { data } = await client.run<{ viewer: { id: string; email: string } }, object>(
      "{ viewer { id email } }",
    );
    expect(data?.viewer.email).toBe(user.email);
    expect(await emailOf(data?.viewer.id ?? "")).toMatchObject({ email: null, pending: user.email });
    expect((await client.run(VerifyEmailDocument, { token: verifying })).codes).toEqual(["INVALID_TOKEN"]);
  });
});

test("an address that somebody else has proven since is not taken from them, and the link holds until it is free", async () => {
  const stolen = newAddress();
  const token = await change(await loggedIn(), user.email, stolen);
  const other = await app.createUser({ email: user.email.toUpperCase() });
  expect((await undo(token)).codes).toEqual(["INVALID_TOKEN"]);
  expect(await emailOf(user.id)).toMatchObject({ email: stolen });
  expect(await emailOf(other.id)).toMatchObject({ email: user.email.toUpperCase() });
  await app.database.deleteFrom("users").where("id", "=", other.id).execute();
  expect((await undo(token)).codes).toEqual([]);
});

test("a deactivated account stays as it is", async () => {
  const token = await change(await loggedIn(), user.email, newAddress());
  await app.database.updateTable("users").set({ is_active: false }).where("id", "=", user.id).execute();
  expect((await undo(token)).codes).toEqual(["INVALID_TOKEN"]);
});
