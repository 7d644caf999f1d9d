import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Client } from "../harness/client.ts";
import { createDatabase, type TestDatabase } from "../harness/database/database.ts";
import { asSuperuser, createRole, type Role } from "../harness/database/roles.ts";
import { messagesTo } from "../harness/mail/inbox.ts";
import { until } from "../harness/mail/mail.ts";
import { graphward } from "../harness/process.ts";
import { startApp, startWithMail } from "../harness/server.ts";
import {
  LogInDocument,
  RegisterDocument,
  RequestPasswordResetDocument,
} from "../operations/generated/graphql.ts";

let database: TestDatabase;
let owner: pg.Client;
let role: Role;

beforeEach(async () => {
  database = await createDatabase();
  owner = new pg.Client(database.url);
  await owner.connect();
  role = await createRole();
});
afterEach(async () => {
  await owner.end();
  // Backends of another role, which may still be ending.
  await asSuperuser("postgres", `drop database ${database.name} with (force)`);
  await role.drop();
});

const migrate = (...args: readonly string[]) =>
  graphward(["migrate", ...args], { environment: { DATABASE_URL: database.url } });
const grant = () => migrate("--grant-to", role.name);
const asRole = () => ({ DATABASE_URL: role.urlFor(database.url) });
const newPerson = () => {
  const username = `person-${randomBytes(5).toString("hex")}`;
  return { username, email: `${username}@example.org`, password: "a quiet tram at dawn" };
};

test("a role that may only serve serves all, mail too, after one grant and after the next migration", async () => {
  expect(await grant()).toMatchObject({
    status: 0,
    stdout: `The tables are up to date.\nThe role ${role.name} can serve requests.\n`,
  });
  // What a later migration makes is granted by it, to the roles of earlier grants.
  await owner.query(`revoke all on all tables in schema graphward from ${role.name}`);
  await owner.query(`revoke all on all tables in schema graphward_jobs from ${role.name}`);
  expect(await migrate()).toMatchObject({ status: 0 });

  const app = await startWithMail(asRole());
  const person = newPerson();
  expect((await new Client(app).run(RegisterDocument, { input: person })).codes).toEqual([]);
  await until(() => messagesTo(app.mail.received, person.email)[0]);
  const user = await app.createUser({ email: "grace@example.org" });
  const client = new Client(app);
  await client.logIn(user);
  expect((await client.run(RequestPasswordResetDocument, { email: user.email })).codes).toEqual([]);
  await until(() => messagesTo(app.mail.received, user.email)[0]);
  await app.close();
});

test("and it may neither migrate nor change what was migrated", async () => {
  await grant();
  await owner.query("delete from graphward.migrations where name like '%own-schema'");
  const result = await graphward(["migrate"], { environment: asRole() });
  expect(result.status).toBe(1);
  expect(result.stderr).toMatch(
    /^graphward: The role of DATABASE_URL may not migrate \(permission denied for schema graphward\)\. .+\n$/,
  );
  const served = new pg.Client(role.urlFor(database.url));
  await served.connect();
  await expect(served.query("delete from graphward.migrations")).rejects.toThrow(/permission denied/);
  await served.end();
});

describe("a start refuses, and names what is missing:", () => {
  const starting = () => startApp(asRole()).then((app) => app.close());
  const lacks = (right: string) =>
    `The role ${role.name} lacks rights on the schema graphward: ${right}. Run graphward migrate --grant-to ${role.name} as the owner of the tables.`;

  test("every right", async () => {
    await expect(starting()).rejects.toThrow(
      /lacks rights on the schema graphward: usage on schema graphward, usage on schema graphward_jobs, delete on graphward.access_tokens, \d+ more\. Run/,
    );
  });

  test.each([
    ["update on graphward.users", "revoke update on graphward.users from"],
    ["delete on graphward_jobs._private_jobs", "revoke delete on graphward_jobs._private_jobs from"],
    [
      "usage on sequence graphward.audit_events_id_seq",
      "revoke all on sequence graphward.audit_events_id_seq from",
    ],
  ])("%s", async (right, statement) => {
    await grant();
    await owner.query(`${statement} ${role.name}`);
    await expect(starting()).rejects.toThrow(lacks(right));
  });

  test("the right to call a function", async () => {
    await grant();
    await owner.query("revoke execute on function graphward_jobs.force_unlock_workers from public");
    await owner.query(`revoke execute on function graphward_jobs.force_unlock_workers from ${role.name}`);
    await expect(starting()).rejects.toThrow(
      lacks("execute on function graphward_jobs.force_unlock_workers"),
    );
  });

  test("one column", async () => {
    await grant();
    await owner.query(`revoke select on graphward.users from ${role.name}`);
    await owner.query(`grant select (id, username) on graphward.users to ${role.name}`);
    await expect(starting()).rejects.toThrow(lacks("select on graphward.users"));
  });

  test("rows that a policy hides", async () => {
    await grant();
    await owner.query("alter table graphward.users enable row level security");
    await expect(starting()).rejects.toThrow(lacks("a policy that shows all rows of graphward.users"));
    await owner.query(`create policy a_part on graphward.users to ${role.name} using (is_active)`);
    await expect(starting()).rejects.toThrow(lacks("a policy that shows all rows of graphward.users"));
    await owner.query(`create policy everything on graphward.users to ${role.name} using (true)`);
    await starting();
    await owner.query(
      `create policy narrow on graphward.users as restrictive to ${role.name} using (is_active)`,
    );
    await expect(starting()).rejects.toThrow(lacks("a policy that shows all rows of graphward.users"));
  });
});

test("a right on each column is as good as one on the table", async () => {
  await grant();
  const { rows } = await owner.query(
    "select string_agg(attname, ', ') as names from pg_attribute where attrelid = 'graphward.roles'::regclass and attnum > 0",
  );
  const names = rows[0].names as string;
  await owner.query(`revoke all on graphward.roles from ${role.name}`);
  await owner.query(
    `grant select (${names}), insert (${names}), update (${names}), delete on graphward.roles to ${role.name}`,
  );
  const app = await startApp(asRole());
  expect((await new Client(app).run(LogInDocument, { username: "nobody", password: "x" })).codes).toEqual([
    "INVALID_CREDENTIALS",
  ]);
  await app.close();
});

test("a grant to a role that does not exist changes nothing, in one line", async () => {
  expect(await migrate("--grant-to", "no-such-role")).toEqual({
    status: 1,
    stdout: "",
    stderr: "graphward: --grant-to: the role no-such-role does not exist.\n",
  });
});

test("a role that may not create a schema is told the one statement that makes it start", async () => {
  const empty = await createDatabase({ empty: true });
  const environment = { DATABASE_URL: role.urlFor(empty.url), DATABASE_SCHEMA: "auth" };
  const result = await graphward(["migrate"], { environment });
  const [, statement = ""] = /runs once: (.+)\n$/.exec(result.stderr) ?? [];
  expect(result).toEqual({
    status: 1,
    stdout: "",
    stderr: `graphward: The role ${role.name} may not create the schemas auth and auth_jobs. An administrator of the database runs once: ${statement}\n`,
  });
  await asSuperuser(empty.name, statement);
  expect(await graphward(["migrate"], { environment })).toMatchObject({ status: 0, stderr: "" });
  await empty.drop();
});
