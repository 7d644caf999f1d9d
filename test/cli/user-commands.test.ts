import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { permissionsAskedInCode } from "../../src/auth/viewer/permissions.ts";
import { Client } from "../harness/client.ts";
import { graphward, type Result } from "../harness/process.ts";
import { type App, startApp, type User } from "../harness/server.ts";
import { createScript } from "../harness/sign-in/access-token.ts";
import { codeOf, enrolTotp, logInWithCode } from "../harness/sign-in/second-factors.ts";
import { LogInDocument, PrivateDocument } from "../operations/generated/graphql.ts";

let app: App;
let grace: User;
beforeAll(async () => {
  app = await startApp();
  await app.database
    .insertInto("roles")
    .values({ name: "AUDITOR", permissions: ["audit:read"] })
    .execute();
  grace = await app.createUser({ username: "Grace", email: "grace@example.com", roles: ["AUDITOR"] });
  await app.createUser({ username: "graham", roles: ["ADMIN"] });
  await app.createUser({ username: "heidi" });
});
afterAll(() => app.close());

/** On the database of a running server. */
const run = (args: readonly string[], input?: string): Promise<Result> =>
  graphward(["user", ...args], {
    on: app,
    ...(input !== undefined && { input }),
  });
const json = async (args: readonly string[], input?: string) => {
  const result = await run([...args, "--json"], input);
  expect(result).toMatchObject({ status: 0, stderr: "" });
  return JSON.parse(result.stdout);
};
const expectFailure = (result: Result, message: string): void => {
  expect([result.status, result.stdout, result.stderr]).toEqual([1, "", `graphward: ${message}\n`]);
};
const eventsOf = async ({ id }: User) => {
  const events = await app.database
    .selectFrom("audit_events")
    .select(["type", "actor_id", "details"])
    .where("user_id", "=", id)
    .where("type", "<>", "LOGIN_FAILED")
    .orderBy("id", "desc")
    .execute();
  return events;
};

describe("user list", () => {
  const names = async (...args: readonly string[]) =>
    (await json(["list", ...args])).map(({ username }: { username: string }) => username);

  test("shows accounts newest first, one a line, and as many as are asked for", async () => {
    const { status, stdout } = await run(["list"]);
    expect(status).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toEqual([
      expect.stringMatching(/^[-0-9a-f]{36} {2}active {4}heidi$/),
      expect.stringMatching(/^[-0-9a-f]{36} {2}active {4}graham {2}ADMIN$/),
      `${grace.id}  active    Grace  grace@example.com  AUDITOR`,
    ]);
    expect((await run(["list", "--limit", "2"])).stdout.split("\n").slice(1)).toEqual([
      lines[1],
      "There are more users than the first 2: use a higher --limit.",
      "",
    ]);
    expect(await names("--limit", "1")).toEqual(["heidi"]);
  });

  test("narrows them", async () => {
    expect(await names("--search", "GRA")).toEqual(["Grace", "graham"]);
    expect(await names("--search", "grace@")).toEqual(["Grace"]);
    expect(await names("--role", "ADMIN")).toEqual(["graham"]);
    expect(await names("--inactive")).toEqual([]);
    expect((await run(["list", "--search", "nobody"])).stdout).toBe("No users found.\n");
  });

  test("goes beyond one page", async () => {
    const many = Array.from({ length: 230 }, (_, index) => `many-${String(index).padStart(3, "0")}`);
    await app.database
      .insertInto("users")
      .values(
        many.map((username, index) => ({
          id: `01900000-0000-7000-8000-${String(index).padStart(12, "0")}`,
          username,
          canonical_username: username,
        })),
      )
      .execute();
    expect(await names("--search", "many", "--limit", "1000")).toEqual(many);
    expect(await names("--search", "many", "--limit", "205")).toEqual(many.slice(0, 205));
    expect(await names("--search", "many")).toEqual(many.slice(0, 100));
  });

  test.each(["0", "-1", "many", "1.5"])("refuses --limit %s", async (limit) => {
    const { status, stderr } = await run(["list", `--limit=${limit}`]);
    expect([status, stderr]).toEqual([1, expect.stringContaining("It must be a whole number, at least 1.")]);
  });
});

describe("user show", () => {
  test("tells all of one account, in any case of its name", async () => {
    expect((await run(["show", "GRACE"])).stdout).toMatch(
      new RegExp(
        `^id          ${grace.id}\nusername    Grace\nname        \\(none\\)\nlocale      \\(default\\)\nemail       grace@example.com\nstate       active\nroles       AUDITOR\npermissions audit:read\ncreated     .*Z\nlast login  \\(never\\)\nfactors     \\(none\\)\n$`,
      ),
    );
    expect(await json(["show", "grace"])).toEqual({
      id: grace.id,
      username: "Grace",
      displayName: null,
      locale: null,
      email: "grace@example.com",
      emailVerified: true,
      isActive: true,
      roles: ["AUDITOR"],
      permissions: ["audit:read"],
      createdAt: expect.any(String),
      lastLoginAt: null,
      secondFactors: {
        required: false,
        totp: null,
        passkeys: [],
        recoveryCodesLeft: 0,
        trustedBrowsers: 0,
      },
      identities: [],
    });
  });

  test("lists second factors and trusted browsers, and whether the policy asks for one; never a secret", async () => {
    const user = await app.createUser({ email: "judy@example.com" });
    const { secret, recoveryCodes } = await enrolTotp(app, user);
    await logInWithCode(app, user, codeOf(secret), { trustBrowser: true });
    await app.database
      .insertInto("passkeys")
      .values({
        id: "01900000-0000-7000-8000-00000000abcd",
        user_id: user.id,
        credential_id: Buffer.from("the credential"),
        public_key: Buffer.from("the public key"),
        user_handle: Buffer.from("the handle"),
        backed_up: true,
        backup_eligible: true,
        name: "Judy's phone",
      })
      .execute();
    const policy = { SECOND_FACTOR: "required" };
    const { stdout } = await graphward(["user", "show", user.username], { on: app, environment: policy });
    const lines = stdout.trimEnd().split("\n").slice(10);
    const at = "\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z";
    expect(lines).toEqual([
      expect.stringMatching(`^totp        since ${at}, last used ${at}$`),
      expect.stringMatching(`^passkey     Judy's phone, since ${at}, never used, backed up$`),
      "recovery    10 codes left",
      "trusted     1 browsers",
      "required    yes, by SECOND_FACTOR",
    ]);
    expect((await json(["show", user.username])).secondFactors).toEqual({
      required: false,
      totp: { since: expect.any(String), lastUsedAt: expect.any(String) },
      passkeys: [{ name: "Judy's phone", createdAt: expect.any(String), lastUsedAt: null, backedUp: true }],
      recoveryCodesLeft: 10,
      trustedBrowsers: 1,
    });
    const shown = (await run(["show", user.username, "--json"])).stdout + stdout;
    for (const hidden of [secret, ...recoveryCodes, "credential", "public key", "handle"])
      expect(shown).not.toContain(hidden);
    const nobody = await graphward(["user", "show", "heidi"], { on: app, environment: policy });
    expect(nobody.stdout).toMatch(/\nfactors {5}\(none, but SECOND_FACTOR asks for one\)\n$/);
  });

  test("tells every permission there is of an administrator", async () => {
    const { permissions } = await json(["show", "graham"]);
    expect(permissions).toEqual(expect.arrayContaining([...permissionsAskedInCode, "users:set-roles"]));
  });
});

test("user deactivate and reactivate hold at once for a running server, and are recorded", async () => {
  const user = await app.createUser();
  const client = new Client(app);
  await client.logIn(user, "TOKEN");
  const script = await createScript(app, user, ["profile:read"]);
  expect(await run(["deactivate", user.username.toUpperCase()])).toMatchObject({
    status: 0,
    stdout: `${user.username} was deactivated.\n`,
  });
  for (const it of [client, script.client]) expect((await it.run(PrivateDocument)).status).toBe(401);
  expect((await new Client(app).run(LogInDocument, user)).codes).toEqual(["INVALID_CREDENTIALS"]);
  expect((await eventsOf(user))[0]).toEqual({
    type: "ACCOUNT_DEACTIVATED",
    actor_id: null,
    details: { via: "cli" },
  });
  expect((await run(["list", "--inactive"])).stdout).toContain(`inactive  ${user.username}\n`);

  expect(await json(["reactivate", user.username])).toMatchObject({ id: user.id, isActive: true });
  expect((await client.run(PrivateDocument)).status).toBe(401);
  await new Client(app).logIn(user);
  expect((await eventsOf(user)).map(({ type }) => type)).toContain("ACCOUNT_REACTIVATED");
});

test("user set-roles replaces the roles, for a session that is there too, and refuses unknown ones", async () => {
  const user = await app.createUser({ roles: ["AUDITOR"] });
  expect((await run(["set-roles", user.username, "ADMIN", "AUDITOR"])).stdout).toBe(
    `${user.username}  ADMIN AUDITOR\n`,
  );
  expect((await eventsOf(user))[0]).toMatchObject({
    type: "ROLES_CHANGED",
    details: { via: "cli", roles: ["ADMIN", "AUDITOR"], granted: ["ADMIN"], revoked: [] },
  });
  expectFailure(await run(["set-roles", user.username, "ADMIN", "ADMNI"]), "The role ADMNI does not exist.");
  expect(await json(["set-roles", user.username])).toMatchObject({ roles: [], permissions: [] });
  expect((await run(["set-roles", user.username])).stdout).toBe(`${user.username}  (no role)\n`);
});

test("user reset-second-factors removes them at once, for a user who has lost them, and is recorded", async () => {
  const user = await app.createUser({ email: "karl@example.com" });
  const { client } = await enrolTotp(app, user);
  expectFailure(
    await run(["reset-second-factors", user.username]),
    "No terminal to ask for a confirmation: add --yes.",
  );
  expect((await client.run(PrivateDocument)).codes).toEqual([]);
  expect(await run(["reset-second-factors", user.username.toUpperCase(), "--yes"])).toMatchObject({
    status: 0,
    stdout: `${user.username} has no second factor, and is logged out everywhere.\n`,
  });
  expect((await client.run(PrivateDocument)).status).toBe(401);
  // The password alone opens the account again.
  await new Client(app).logIn(user);
  expect(await eventsOf(user)).toContainEqual({
    type: "SECOND_FACTORS_RESET",
    actor_id: null,
    details: { via: "cli" },
  });
  expect(await json(["reset-second-factors", user.username, "--yes"])).toMatchObject({ id: user.id });
});

test("user show lists the logins with providers, and user unlink-identity removes one at once, and is recorded", async () => {
  const user = await app.createUser({ email: "lena@example.com" });
  const client = new Client(app);
  await client.logIn(user);
  const [id, other] = [crypto.randomUUID(), crypto.randomUUID()];
  const linked = { user_id: user.id, provider: "work", issuer: "https://id.example" };
  await app.database
    .insertInto("identities")
    .values([
      { ...linked, id, subject: id, email: "lena@work.example", linked_at: new Date("2026-01-02T03:04:05Z") },
      { ...linked, id: other, subject: other },
    ])
    .execute();
  const shown = (await run(["show", user.username])).stdout;
  expect(shown).toContain(
    `\nlogin with  work as lena@work.example, since 2026-01-02T03:04:05.000Z, never used, id ${id}`,
  );
  expect(await json(["show", user.username])).toMatchObject({ identities: [{ id: other }, { id }] });

  const remove = ["unlink-identity", user.username];
  expectFailure(await run([...remove, id]), "No terminal to ask for a confirmation: add --yes.");
  for (const unknown of [crypto.randomUUID(), "no id"])
    expectFailure(await run([...remove, unknown, "--yes"]), "Not found.");
  expect((await client.run(PrivateDocument)).codes).toEqual([]);
  expect(await run([...remove, id, "--yes"])).toMatchObject({
    status: 0,
    stdout: `The login is removed, and ${user.username} is logged out everywhere.\n`,
  });
  expect((await client.run(PrivateDocument)).status).toBe(401);
  expect(await eventsOf(user)).toContainEqual({
    type: "IDENTITY_UNLINKED",
    actor_id: null,
    details: { via: "cli", provider: "work" },
  });
  await app.database.updateTable("users").set({ password_hash: null }).where("id", "=", user.id).execute();
  expect((await run([...remove, other, "--yes"])).stdout).toContain(
    `${user.username} has no way to log in now: let them reset the password, or set one: npx graphward user password\n`,
  );
});

test("user create and user password print JSON for a program", async () => {
  const created = await json(
    ["create", "--username", "ivan", "--email", "ivan@example.com", "--role", "AUDITOR", "--password-stdin"],
    "correct horse battery",
  );
  expect(created).toMatchObject({ username: "ivan", email: "ivan@example.com", emailVerified: true });
  expect(await json(["show", "ivan"])).toMatchObject(created);
  await new Client(app).logIn({ username: "ivan", password: "correct horse battery" });
  expect(await json(["password", "--username", "ivan", "--password-stdin"], "another good password")).toEqual(
    { username: "ivan", sessionsEnded: 1 },
  );
});

test("an account that is not there is told in one line", async () => {
  for (const args of [
    ["show"],
    ["deactivate"],
    ["reactivate"],
    ["set-roles"],
    ["reset-second-factors", "--yes"],
  ])
    expectFailure(await run([...args, "nobody-here"]), "There is no such user.");
});

test.each([
  "list",
  "show",
  "deactivate",
  "reactivate",
  "set-roles",
  "reset-second-factors",
  "unlink-identity",
])("user %s explains itself", async (name) => {
  const { status, stdout } = await run([name, "--help"]);
  expect([status, stdout]).toEqual([0, expect.stringMatching(`^Usage: graphward user ${name} `)]);
});
