import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Client, logInAs } from "../../harness/client.ts";
import { messagesTo } from "../../harness/mail/inbox.ts";
import { jobsOf, until } from "../../harness/mail/mail.ts";
import { graphward } from "../../harness/process.ts";
import { type AppWithMail, startWithMail } from "../../harness/server.ts";
import {
  ChangeEmailDocument,
  ChangePasswordDocument,
  ChangeUsernameDocument,
  CreateAccessTokenDocument,
  DeleteAccountDocument,
  ImpersonateDocument,
  RegisterDocument,
  ReportLeakedTokenDocument,
  RequestPasswordResetDocument,
  SetRolesDocument,
} from "../../operations/generated/graphql.ts";

let app: AppWithMail;
let administrator: Client;
beforeAll(async () => {
  app = await startWithMail();
  administrator = await logInAs(app, await app.createUser({ roles: ["ADMIN"] }));
});
afterAll(() => app.close());

const password = "a quiet tram at dawn";
/** Whoever it is, and whosever the address. */
let person: { username: string; email: string; password: string };
let client: Client;
let id: string;
beforeEach(async () => {
  const name = randomBytes(5).toString("hex");
  person = { username: `prizes-${name}.example`, email: `${name}@example.org`, password };
  await new Client(app).run(RegisterDocument, { input: person });
  client = new Client(app);
  ({ userId: id } = await client.logIn(person, "TOKEN"));
  // Awaited: after the end of the account, it would not be sent.
  await sentTo(person.email);
});

const sentTo = async (email: string) => {
  await until(async () => (await jobsOf(app.database)).length === 0);
  return messagesTo(app.mail.received, email);
};
const prove = () =>
  app.database.updateTable("users").set({ email_verified_at: new Date() }).where("id", "=", id).execute();

const acts: readonly [what: string, act: () => Promise<unknown>, subject: RegExp][] = [
  [
    "a new password",
    () =>
      client.run(ChangePasswordDocument, {
        currentPassword: password,
        newPassword: "seven herons on the weir",
      }),
    /password was changed/,
  ],
  [
    "a password that an operator sets",
    () =>
      graphward(["user", "password", "--username", person.username, "--password-stdin"], {
        on: app,
        input: "seven herons on the weir",
      }),
    /password was changed/,
  ],
  [
    "a new username",
    () => client.run(ChangeUsernameDocument, { username: `${person.username}2` }),
    /username was changed/,
  ],
  [
    "an access token, whose name is any text",
    () =>
      client.run(CreateAccessTokenDocument, {
        input: { name: "win at prizes.example", scopes: ["profile:read"] },
      }),
    /access token was created/,
  ],
  [
    "a token that is reported",
    () => client.run(ReportLeakedTokenDocument, { token: client.token ?? "" }),
    /found in public/,
  ],
  ["another role", () => administrator.run(SetRolesDocument, { id, roles: ["ADMIN"] }), /roles were changed/],
  ["an impersonation", () => administrator.run(ImpersonateDocument, { userId: id }), /acted as you/],
  [
    "a login from elsewhere",
    () =>
      new Client(app).post(
        JSON.stringify({
          query: `mutation { login(username: "${person.username}", password: "${password}", mode: TOKEN) { token } }`,
        }),
        { "user-agent": "Elsewhere/1.0 (iPhone; iOS 17.0)" },
      ),
    /new device/i,
  ],
  ["the end of the account", () => client.run(DeleteAccountDocument), /account was deleted/],
];

describe("an address that nobody has proven is a stranger's, for all we know: it is not told of", () => {
  test.each(acts)("%s", async (_what, act) => {
    await act();
    expect((await sentTo(person.email)).map(({ subject }) => subject)).toEqual(["Confirm your email"]);
  });
});

describe("a proven address is told of", () => {
  test.each(acts)("%s", async (_what, act, subject) => {
    await prove();
    await act();
    const [, told, ...others] = await sentTo(person.email);
    expect([told?.subject, others]).toEqual([expect.stringMatching(subject), []]);
  });
});

describe("a name that somebody chose, such as one that mail programs make a link of, is in no mail to", () => {
  test("an address that is to be proven", async () => {
    const next = `next-${person.email}`;
    await client.run(ChangeEmailDocument, { email: next });
    for (const email of [person.email, next])
      for (const { text, html } of await sentTo(email))
        expect(`${text}${html}`).not.toContain(person.username);
    expect(await sentTo(next)).toHaveLength(1);
  });

  test("an address that was not proven, when its password is to be reset or somebody else wants it", async () => {
    await new Client(app).run(RequestPasswordResetDocument, { email: person.email });
    await new Client(app).run(RegisterDocument, { input: { ...person, username: `${person.username}2` } });
    const messages = await sentTo(person.email);
    expect(messages).toHaveLength(3);
    for (const { text, html } of messages) expect(`${text}${html}`).not.toContain("prizes");

    await prove();
    await new Client(app).run(RequestPasswordResetDocument, { email: person.email });
    expect((await sentTo(person.email)).at(-1)?.text).toContain(`Hello ${person.username},`);
  });
});
