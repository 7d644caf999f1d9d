import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { clientAt } from "../../harness/addressed-client.ts";
import type { Client } from "../../harness/client.ts";
import { messagesTo, secretIn } from "../../harness/mail/inbox.ts";
import { jobsOf, until } from "../../harness/mail/mail.ts";
import { type AppWithMail, startWithMail, type User } from "../../harness/server.ts";
import {
  ChangeEmailDocument,
  ChangeUsernameDocument,
  ConfirmEmailChangeDocument,
  RequestPasswordResetDocument,
  ResendVerificationDocument,
  UndoEmailChangeDocument,
} from "../../operations/generated/graphql.ts";

let app: AppWithMail;
beforeAll(async () => {
  // The figures that hold by default.
  app = await startWithMail({ RATE_LIMITS: "", TRUST_PROXY: "1" });
});
afterAll(() => app.close());

/** From an address of its own. */
const newClient = () => clientAt(app);
const loggedIn = async (user: User) => {
  const client = newClient();
  await client.logIn(user, "TOKEN");
  return client;
};
const newAddress = () => `mail-${randomBytes(6).toString("hex")}@example.org`;
const changeEmail = (client: Client, email: string) => client.run(ChangeEmailDocument, { email });
const mailTo = async (address: string, subject: RegExp) => {
  await until(async () => (await jobsOf(app.database)).length === 0);
  return messagesTo(app.mail.received, address, subject);
};
const linkTo = async (address: string, subject: RegExp) =>
  secretIn(await until(async () => (await mailTo(address, subject)).at(-1)));

test("twenty names an hour are tried from one address, whatever comes of it", async () => {
  const client = await loggedIn(await app.createUser());
  const { username } = await app.createUser();
  for (let count = 1; count <= 20; count += 1)
    expect((await client.run(ChangeUsernameDocument, { username })).codes).toEqual(["BAD_USER_INPUT"]);
  const refused = await client.run(ChangeUsernameDocument, { username: "name-that-is-free" });
  expect([refused.status, refused.codes]).toEqual([429, ["RATE_LIMITED"]]);
});

test("thirty links a minute are tried from one address", async () => {
  const token = "made-up";
  for (const tryLink of [
    (client: Client) => client.run(ConfirmEmailChangeDocument, { token }),
    (client: Client) => client.run(UndoEmailChangeDocument, { token }),
  ]) {
    const client = newClient();
    for (let count = 1; count <= 30; count += 1)
      expect((await tryLink(client)).codes).toEqual(["INVALID_TOKEN"]);
    expect((await tryLink(client)).codes).toEqual(["RATE_LIMITED"]);
  }
});

test("ten changes of address an hour are asked for from one address", async () => {
  const client = await loggedIn(await app.createUser());
  for (let count = 1; count <= 10; count += 1)
    expect((await changeEmail(client, newAddress())).codes).toEqual([]);
  expect((await changeEmail(client, newAddress())).codes).toEqual(["RATE_LIMITED"]);
});

test("an address is mailed twice an hour, free or taken; then nothing is sent, told or ended", async () => {
  const taken = newAddress();
  await app.createUser({ email: taken });
  for (const [address, subject] of [
    [newAddress(), /new email/],
    [taken, /already have an account/],
  ] as const) {
    const client = await loggedIn(await app.createUser());
    const answers = new Set<string>();
    for (let count = 1; count <= 2; count += 1) {
      answers.add((await changeEmail(client, address)).text);
      // The next request ends the link of this one: it must be on its way by then.
      await mailTo(address, subject);
    }
    const token = address === taken ? "there is none" : await linkTo(address, subject);
    for (let count = 1; count <= 3; count += 1) answers.add((await changeEmail(client, address)).text);
    expect(answers.size).toBe(1);
    expect(await mailTo(address, subject)).toHaveLength(2);
    const confirmed = await newClient().run(ConfirmEmailChangeDocument, { token });
    expect(confirmed.codes).toEqual(address === taken ? ["INVALID_TOKEN"] : []);
  }
});

test("a login of long ago spends none of the mails that an address may get", async () => {
  const [client, address] = [await loggedIn(await app.createUser()), newAddress()];
  const setAge = (age: string) =>
    app.database
      .updateTable("sessions")
      .set({ authenticated_at: sql<Date>`now() - ${age}::interval` })
      .execute();
  await setAge("1 hour");
  for (let count = 1; count <= 3; count += 1)
    expect((await changeEmail(client, address)).codes).toEqual(["REAUTHENTICATION_REQUIRED"]);
  await setAge("0");
  await changeEmail(client, address);
  expect(await mailTo(address, /new email/)).toHaveLength(1);
});

test("asking again to prove what is proven spends none of the mails that an address may get", async () => {
  const email = newAddress();
  const user = await app.createUser({ email });
  await app.database
    .updateTable("users")
    .set({ email_verified_at: sql<Date>`now()` })
    .where("id", "=", user.id)
    .execute();
  const client = await loggedIn(user);
  for (let count = 1; count <= 3; count += 1)
    expect((await client.run(ResendVerificationDocument)).codes).toEqual([]);
  await newClient().run(RequestPasswordResetDocument, { email });
  expect(await mailTo(email, /new password/)).toHaveLength(1);
});

test("who takes a change back gets the mail with the new password's link, whatever a thief has spent", async () => {
  const email = newAddress();
  const user = await app.createUser({ email });
  const next = newAddress();
  await changeEmail(await loggedIn(user), next);
  const token = await linkTo(next, /new email/);
  await newClient().run(ConfirmEmailChangeDocument, { token });
  for (let count = 1; count <= 3; count += 1) await newClient().run(RequestPasswordResetDocument, { email });
  expect(await mailTo(email, /new password/)).toHaveLength(0);
  const undone = await newClient().run(UndoEmailChangeDocument, {
    token: await linkTo(email, /email was changed/),
  });
  expect(undone.codes).toEqual([]);
  expect(await mailTo(email, /new password/)).toHaveLength(1);
});
