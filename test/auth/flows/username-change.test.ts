import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lockName } from "../../../src/auth/users/locks.ts";
import { type Answer, Client, logInAs } from "../../harness/client.ts";
import { countBlockedBy, withoutNotices } from "../../harness/database/backends.ts";
import { messagesTo } from "../../harness/mail/inbox.ts";
import { jobsOf, until } from "../../harness/mail/mail.ts";
import { type AppWithMail, startWithMail, type User } from "../../harness/server.ts";
import { createScript } from "../../harness/sign-in/access-token.ts";
import {
  AuditEventsDocument,
  ChangeUsernameDocument,
  LogInDocument,
  RegisterDocument,
  ViewerDocument,
} from "../../operations/generated/graphql.ts";

let app: AppWithMail;
beforeAll(async () => {
  app = await startWithMail();
});
afterAll(() => app.close());

const newName = () => `name-${randomBytes(6).toString("hex")}`;
const loggedIn = (user: User) => logInAs(app, user);
const change = (client: Client, username: string) => client.run(ChangeUsernameDocument, { username });
const brokenRules = ({ errors }: Pick<Answer<unknown>, "errors">) => errors[0]?.extensions.fields;
const subjectsTo = (email: string) =>
  messagesTo(app.mail.received, email).map(({ subject, text }) => ({ subject, text }));
const canLogIn = async (username: string, { password }: User) =>
  (await new Client(app).run(LogInDocument, { username, password })).codes.length === 0;

test("a change is seen at once by every device, logs in from then on, and is told to the owner and the trail", async () => {
  const email = `${newName()}@example.org`;
  const user = await app.createUser({ email });
  const [client, other] = [await loggedIn(user), await loggedIn(user)];
  await other.run(ViewerDocument);
  const next = `${newName()}.Ünal`;
  const { data } = await change(client, next.normalize("NFD"));
  expect(data?.changeUsername?.user).toEqual({ id: user.id, username: next });
  expect((await other.run(ViewerDocument)).data?.viewer?.username).toBe(next);
  expect([await canLogIn(user.username, user), await canLogIn(next.toUpperCase(), user)]).toEqual([
    false,
    true,
  ]);
  const [message] = await until(() => subjectsTo(email).length > 0 && subjectsTo(email));
  expect(message).toMatchObject({ subject: "Your username was changed" });
  expect(message?.text).toContain(`from ${user.username}`);
  const { data: trail } = await client.run(AuditEventsDocument, { type: "USERNAME_CHANGED" });
  expect(trail?.auditEvents?.nodes).toEqual([
    expect.objectContaining({
      userId: user.id,
      actorId: user.id,
      details: { from: user.username, to: next },
    }),
  ]);
});

test("a change is seen at once on the server that made it, where no notice arrives", async () => {
  const client = await loggedIn(await app.createUser());
  await withoutNotices(app.database, async () => {
    await client.run(ViewerDocument);
    const username = newName();
    expect((await change(client, username)).codes).toEqual([]);
    expect((await client.run(ViewerDocument)).data?.viewer?.username).toBe(username);
  });
});

test("a change needs a login of the last ten minutes, and no access token will do", async () => {
  const user = await app.createUser();
  const client = await loggedIn(user);
  const script = await createScript(app, user, ["profile:read"]);
  const at = (ago: string) =>
    app.database
      .updateTable("sessions")
      .set({ authenticated_at: sql<Date>`now() - ${ago}::interval` })
      .where("user_id", "=", user.id)
      .execute();
  await at("10 minutes 1 second");
  expect((await change(client, "a@b")).codes).toEqual(["REAUTHENTICATION_REQUIRED"]);
  await at("9 minutes 50 seconds");
  expect((await change(client, newName())).codes).toEqual([]);
  expect((await change(script.client, newName())).codes).toEqual(["FORBIDDEN"]);
  expect((await change(new Client(app), newName())).codes).toEqual(["UNAUTHENTICATED"]);
});

describe("the new name", () => {
  test.each([
    ["nothing", "", "required"],
    ["an address", "a@b", "no_at_sign"],
    ["65 letters", "n".repeat(65), "max_length"],
    ["10 KB", "n".repeat(10_240), "max_length"],
    ["two words", "grace hopper", "characters"],
    ["a line break", "grace\r\nBcc: x", "characters"],
    ["a letter that shows nothing", "gra\u200bce", "characters"],
    ["a NUL", "grace\u0000", "well_formed"],
    ["a sign at the end", "grace_", "characters"],
    ["wide letters", "\uff47\uff52\uff41\uff43\uff45", "characters"],
    ["two directions", "grace\u062d\u0633\u0646", "direction"],
  ])("that is %s is refused as at the registration", async (_what, username, rule) => {
    const client = await loggedIn(await app.createUser());
    const input = { username, email: `${newName()}@example.org`, password: "a quiet tram at dawn" };
    const changed = await change(client, username);
    expect(changed.codes).toEqual(["BAD_USER_INPUT"]);
    expect(brokenRules(changed)).toEqual([expect.objectContaining({ field: "username", rule })]);
    const registered = await new Client(app).run(RegisterDocument, { input });
    expect(brokenRules(registered)).toEqual([expect.objectContaining({ rule })]);
  });

  test("is one text, and no list, number or object", async () => {
    const client = await loggedIn(await app.createUser());
    const query = "mutation ($username: String!) { changeUsername(username: $username) { user { id } } }";
    for (const username of [["grace"], 7, { $ne: null }, null])
      expect((await client.post(JSON.stringify({ query, variables: { username } }))).codes).toEqual([
        "BAD_USER_INPUT",
      ]);
  });

  test("may be the same in other letters, and then nothing is kept from anybody", async () => {
    const user = await app.createUser();
    const client = await loggedIn(user);
    const { data } = await change(client, user.username.toUpperCase());
    expect(data?.changeUsername?.user.username).toBe(user.username.toUpperCase());
    expect((await change(client, user.username.toUpperCase())).codes).toEqual([]);
    const { data: trail } = await client.run(AuditEventsDocument, { type: "USERNAME_CHANGED" });
    expect(trail?.auditEvents?.nodes).toHaveLength(1);
    const kept = app.database.selectFrom("reserved_usernames").selectAll().where("user_id", "=", user.id);
    expect(await kept.execute()).toEqual([]);
  });

  test("is not told to an address that nobody has proven", async () => {
    const email = `${newName()}@example.org`;
    const user = await app.createUser({ email });
    await app.database
      .updateTable("users")
      .set({ email_verified_at: null })
      .where("id", "=", user.id)
      .execute();
    expect((await change(await loggedIn(user), newName())).codes).toEqual([]);
    await until(async () => (await jobsOf(app.database)).length === 0);
    expect(subjectsTo(email)).toEqual([]);
  });
});

test("of fifty at once for one name one gets it, and no answer is a fault", async () => {
  const clients: Client[] = [];
  for (let index = 0; index < 50; index += 1) clients.push(await loggedIn(await app.createUser()));
  const username = newName();
  const answers = await Promise.all(
    clients.map((client, index) => change(client, index % 2 ? username : username.toUpperCase())),
  );
  const refusals = answers.filter(({ codes }) => codes.length > 0);
  expect(refusals).toHaveLength(49);
  for (const { status, errors } of refusals)
    expect([status, errors[0]?.extensions.fields]).toEqual([
      200,
      [{ field: "username", rule: "unique", message: "This username is taken." }],
    ]);
});

test("a name that another server gives away at this moment is waited for, and is taken then", async () => {
  const other = await app.createUser();
  const client = await loggedIn(await app.createUser());
  const username = newName();
  const { changed, registered } = await app.database.transaction().execute(async (transaction) => {
    await lockName(transaction, "username", username);
    const names = { username, canonical_username: username };
    await transaction.updateTable("users").set(names).where("id", "=", other.id).execute();
    const changed = change(client, username);
    const input = { username, email: `${newName()}@example.org`, password: "a quiet tram at dawn" };
    const registered = new Client(app).run(RegisterDocument, { input });
    await until(async () => (await countBlockedBy(transaction)) === 2);
    return { changed, registered };
  });
  for (const answer of [await changed, await registered])
    expect(brokenRules(answer)).toEqual([expect.objectContaining({ rule: "unique" })]);
});
