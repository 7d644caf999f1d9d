import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { reserveUsername } from "../../../src/auth/users/reserved-usernames.ts";
import { pruneExpired } from "../../../src/jobs/pruning.ts";
import { Client, logInAs } from "../../harness/client.ts";
import { graphward } from "../../harness/process.ts";
import { type App, startApp, type User } from "../../harness/server.ts";
import { ChangeUsernameDocument, RegisterDocument } from "../../operations/generated/graphql.ts";

let app: App;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const password = "a quiet tram at dawn";
const newName = () => `name-${randomBytes(6).toString("hex")}`;
const loggedIn = (user: User) => logInAs(app, user);
/** "done", or the rule that was broken. */
const change = async (client: Client, username: string) =>
  ruleOf(await client.run(ChangeUsernameDocument, { username }));
const register = async (username: string) => {
  const input = { username, email: `${newName()}@example.org`, password };
  return ruleOf(await new Client(app).run(RegisterDocument, { input }));
};
const ruleOf = ({ errors }: { errors: Awaited<ReturnType<Client["run"]>>["errors"] }) => {
  const [error] = errors;
  if (error === undefined) return "done";
  const fields = (error.extensions.fields ?? []) as { rule: string }[];
  return fields[0]?.rule ?? error.extensions.code;
};
const createByCommand = (username: string) =>
  graphward(["user", "create", "--username", username, "--password-stdin"], {
    on: app,
    input: `${password}\n`,
  });
const letTimePass = (time: string) =>
  app.database
    .updateTable("reserved_usernames")
    .set({ reserved_until: sql<Date>`reserved_until - ${time}::interval` })
    .execute();
const deleteAccount = (user: User) =>
  app.database.transaction().execute(async (transaction) => {
    await reserveUsername(transaction, { username: user.username, userId: null });
    await transaction.deleteFrom("users").where("id", "=", user.id).execute();
  });

test("an earlier username is refused to everybody else like a taken one, however it is written", async () => {
  const user = await app.createUser();
  const other = await loggedIn(await app.createUser());
  expect(await change(await loggedIn(user), newName())).toBe("done");
  for (const username of [user.username, user.username.toUpperCase()]) {
    expect(await register(username)).toBe("unique");
    expect(await change(other, username)).toBe("unique");
    expect(await createByCommand(username)).toMatchObject({
      status: 1,
      stderr: "graphward: The username or the email is taken.\n",
    });
  }
});

test("its owner may take it back, which keeps the other one from others", async () => {
  const user = await app.createUser();
  const client = await loggedIn(user);
  const second = newName();
  for (const name of [second, user.username, second, user.username])
    expect(await change(client, name)).toBe("done");
  expect(await register(second)).toBe("unique");
  expect(await register(user.username)).toBe("unique");
  const kept = app.database.selectFrom("reserved_usernames").select("digest").where("user_id", "=", user.id);
  expect(await kept.execute()).toHaveLength(1);
});

test("a username of a deleted account is kept from everybody, and nothing tells what it was", async () => {
  const user = await app.createUser();
  const earlier = user.username;
  const last = newName();
  expect(await change(await loggedIn(user), last)).toBe("done");
  await deleteAccount({ ...user, username: last });
  const other = await loggedIn(await app.createUser());
  for (const username of [earlier, last]) {
    expect(await register(username)).toBe("unique");
    expect(await change(other, username)).toBe("unique");
    expect((await createByCommand(username)).status).toBe(1);
  }
  const { rows } = await sql<{
    text: string;
  }>`select reserved_usernames::text as text from reserved_usernames`.execute(app.database);
  for (const { text } of rows) {
    expect(text).toMatch(/^\("\\\\x[0-9a-f]{64}",[0-9a-f-]*,"[^"]*","\\\\x[0-9a-f]{64}"\)$/);
    expect(text).not.toContain(user.id);
  }
});

test("after 90 days it is free, and forgotten by the next pruning", async () => {
  await app.database.deleteFrom("reserved_usernames").execute();
  const [first, second] = [await app.createUser(), await app.createUser()];
  expect(await change(await loggedIn(first), newName())).toBe("done");
  await deleteAccount(second);
  await letTimePass("89 days 23 hours");
  expect([await register(first.username), await register(second.username)]).toEqual(["unique", "unique"]);
  expect((await pruneExpired(app.database)).reservedUsernames).toBe(0);
  await letTimePass("1 hour");
  expect(await register(first.username)).toBe("done");
  const environment = { DATABASE_URL: app.config.databaseUrl ?? "" };
  expect((await graphward(["prune"], { environment })).stdout).toContain(
    "Expired reserved usernames deleted: 1.",
  );
  expect(await createByCommand(second.username)).toMatchObject({ status: 0 });
});

test("nobody slips in at the moment when it is given up", async () => {
  for (let round = 0; round < 15; round += 1) {
    const user = await app.createUser();
    const client = await loggedIn(user);
    const other = await loggedIn(await app.createUser());
    const [changed, ...others] = await Promise.all([
      change(client, newName()),
      register(user.username),
      change(other, user.username),
      register(user.username),
    ]);
    expect([changed, ...others]).toEqual(["done", "unique", "unique", "unique"]);
  }
});

test("an account cannot keep any number of names from everybody", async () => {
  const user = await app.createUser();
  const client = await loggedIn(user);
  for (let count = 0; count < 10; count += 1) expect(await change(client, newName())).toBe("done");
  const refused = newName();
  expect(await change(client, refused)).toBe("max_changes");
  expect(await register(refused)).toBe("done");
  expect(await change(client, user.username)).toBe("done");
  await letTimePass("90 days");
  expect(await change(client, newName())).toBe("done");
});
