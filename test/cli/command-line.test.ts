import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client } from "../harness/client.ts";
import { messagesTo } from "../harness/mail/inbox.ts";
import { readOutbox, until } from "../harness/mail/mail.ts";
import { graphward, type Result } from "../harness/process.ts";
import { type App, startApp } from "../harness/server.ts";
import { createScript } from "../harness/sign-in/access-token.ts";
import { LogInDocument, PrivateDocument } from "../operations/generated/graphql.ts";

let app: App;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

/** On the database of a running server. */
const run = (args: readonly string[], input?: string): Promise<Result> =>
  graphward(args, {
    on: app,
    ...(input !== undefined && { input }),
  });

const expectFailure = (result: Result, message: string): void => {
  expect(result.status).toBe(1);
  expect(result.stderr).toContain(message);
  expect(result.stderr).not.toMatch(/\bat .*:\d+:\d+/);
};

test("--version prints the version of the package, in any directory and without a database", async () => {
  const packageJson = await readFile(join(import.meta.dirname, "../../package.json"), "utf8");
  const { version } = JSON.parse(packageJson);
  for (const flag of ["--version", "-V"])
    expect(await graphward([flag], { directory: tmpdir() })).toEqual({
      status: 0,
      stdout: `${version}\n`,
      stderr: "",
    });
});

describe("user create", () => {
  test("makes an account that can log in, with its roles, while the server runs", async () => {
    const result = await run(
      [
        "user",
        "create",
        "--username",
        "Grace",
        "--email",
        "grace@example.com",
        "--role",
        "ADMIN",
        "--role",
        "AUDITOR",
        "--role",
        "ADMIN",
        "--password-stdin",
      ],
      "a password with spaces \n",
    );
    expect(result).toMatchObject({ status: 0, stderr: "" });
    const { data } = await new Client(app).run(LogInDocument, {
      username: "grace",
      password: "a password with spaces ",
    });
    expect(data?.login?.user?.roles).toEqual(["ADMIN", "AUDITOR"]);
    expect(result.stdout).toBe(`Created Grace (${data?.login?.userId}).\n`);
  });

  test("tells every broken rule at once, and makes nothing", async () => {
    const result = await run(
      ["user", "create", "--username", "a b", "--email", "nonsense", "--role", "admin", "--password-stdin"],
      "short",
    );
    for (const message of [
      "A username can have letters",
      "not a valid email",
      "at least 12 characters",
      "written in capitals",
    ])
      expectFailure(result, message);
  });

  test("refuses a name that is taken, and takes no password as an argument", async () => {
    const { username } = await app.createUser();
    expectFailure(
      await run(
        ["user", "create", "--username", username.toUpperCase(), "--password-stdin"],
        "correct horse battery",
      ),
      "taken",
    );
    expectFailure(
      await run(["user", "create", "--username", "x", "--password", "secret"]),
      "unknown option '--password'",
    );
    expectFailure(await run(["user", "create", "--username", "x"]), "--password-stdin");
  });
});

test("user password sets the password, ends every session of the account, and tells its owner", async () => {
  const email = "owner-of-a-password@example.org";
  const user = await app.createUser({ email });
  const client = new Client(app);
  await client.logIn(user);
  const setPassword = (username: string, password: string) =>
    run(["user", "password", "--username", username, "--password-stdin"], password);
  expectFailure(await setPassword(user.username, "too short"), "at least 12 characters");
  expect((await client.run(PrivateDocument)).codes).toEqual([]);
  const typed = user.username.toUpperCase();
  expect(await setPassword(typed, "another good password")).toMatchObject({
    status: 0,
    stdout: `The password of ${typed} was set. Sessions ended: 1.\n`,
  });
  expect((await client.run(PrivateDocument)).status).toBe(401);
  expect((await new Client(app).run(LogInDocument, user)).codes).toEqual(["INVALID_CREDENTIALS"]);
  await new Client(app).logIn({ ...user, password: "another good password" });
  expectFailure(await setPassword("nobody-here", "another good password"), "no such user");
  const told = await until(async () => messagesTo(await readOutbox(app.config.dataDir), email)[0]);
  expect(told.text).toContain("was changed by the operator");
});

test("session revoke logs an account out everywhere, and nobody else", async () => {
  const [user, other] = [await app.createUser(), await app.createUser()];
  const [client, bystander] = [new Client(app), new Client(app)];
  await client.logIn(user);
  await new Client(app).logIn(user);
  await bystander.logIn(other);
  expect(await run(["session", "revoke", "--user", user.username.toUpperCase()])).toMatchObject({
    status: 0,
    stdout: "Sessions ended: 2.\n",
  });
  expect((await client.run(PrivateDocument)).status).toBe(401);
  expect((await bystander.run(PrivateDocument)).codes).toEqual([]);
  expectFailure(await run(["session", "revoke", "--user", "nobody-here"]), "no such user");
  expectFailure(await run(["session", "revoke"]), "--user or --everyone");
});

test("session revoke --everyone logs every account out, and leaves access tokens", async () => {
  const [user, other] = [await app.createUser(), await app.createUser()];
  const [client, bystander] = [new Client(app), new Client(app)];
  await client.logIn(user, "TOKEN");
  await bystander.logIn(other, "SESSION");
  const script = await createScript(app, user, ["profile:read"]);
  const { count } = await app.database
    .selectFrom("sessions")
    .select(({ fn }) => fn.countAll<string>().as("count"))
    .executeTakeFirstOrThrow();
  const answer = await run(["session", "revoke", "--everyone", "--json"]);
  expect(JSON.parse(answer.stdout)).toEqual({ ended: Number(count) });
  expect((await client.run(PrivateDocument)).status).toBe(401);
  expect((await bystander.run(PrivateDocument)).codes).toEqual(["UNAUTHENTICATED"]);
  expect((await script.client.run("{ viewer { username } }")).codes).toEqual([]);
  expectFailure(
    await run(["session", "revoke", "--everyone", "--user", user.username]),
    "cannot be used with",
  );
});

test("prune deletes expired sessions and leaves the others", async () => {
  const user = await app.createUser();
  await new Client(app).logIn(user);
  await new Client(app).logIn(user);
  const [first] = await app.database
    .selectFrom("sessions")
    .select("id")
    .where("user_id", "=", user.id)
    .execute();
  await app.database
    .updateTable("sessions")
    .set({ idle_expires_at: new Date(0) })
    .where("id", "=", first?.id ?? "")
    .execute();
  expect(await run(["prune"])).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("Expired sessions deleted: 1.\n"),
  });
  await new Client(app).logIn(user);
  const [, second] = await app.database
    .selectFrom("sessions")
    .select("id")
    .where("user_id", "=", user.id)
    .orderBy("created_at")
    .execute();
  await app.database
    .updateTable("sessions")
    .set({ absolute_expires_at: new Date(0) })
    .where("id", "=", second?.id ?? "")
    .execute();
  expect(await run(["prune"])).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("Expired sessions deleted: 1.\n"),
  });
  expect(
    await app.database.selectFrom("sessions").select("id").where("user_id", "=", user.id).execute(),
  ).toHaveLength(1);
});

test("migrate, schema, access and check say how things are", async () => {
  expect(await run(["migrate"])).toMatchObject({ status: 0, stdout: "The tables are up to date.\n" });
  expect((await run(["schema"])).stdout).toContain("public: Message! @public");
  expect(await run(["access"])).toMatchObject({
    status: 0,
    stdout: "access.lock matches the schema.\n",
  });
  expect((await run(["check"])).status).toBe(0);
});

test("each command explains itself, and an unknown one fails", async () => {
  for (const args of [
    [],
    ["start"],
    ["migrate"],
    ["check"],
    ["schema"],
    ["access"],
    ["prune"],
    ["database"],
    ["user"],
    ["user", "create"],
    ["user", "password"],
    ["session", "revoke"],
    ["token", "create"],
    ["token", "list"],
    ["token", "revoke"],
    ["mail", "list"],
    ["mail", "retry"],
  ]) {
    const result = await graphward([...args, "--help"]);
    expect([args, result.status, result.stdout.startsWith("Usage: graphward")]).toEqual([args, 0, true]);
  }
  expectFailure(await graphward(["nonsense"]), "unknown command 'nonsense'");
});

test("a wrong configuration or an absent database is told in readable lines, with exit status 1", async () => {
  const wrong = await graphward(["start"], { environment: { PORT: "x", EXPLORER: "maybe" } });
  expectFailure(wrong, "PORT: must be a port number\n  EXPLORER: must be on or off");
  const absent = await graphward(["migrate"], {
    environment: { DATABASE_URL: "postgres://u:hunter2@127.0.0.1:1/x", DATABASE_WAIT: "1s" },
  });
  expectFailure(absent, "connect ECONNREFUSED 127.0.0.1:1");
  expect(absent.stderr).toContain("The database at 127.0.0.1:1/x does not respond since");
  expect(absent.stderr).not.toContain("hunter2");
});
