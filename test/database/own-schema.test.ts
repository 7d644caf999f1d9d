import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newestJobMigration } from "../../src/database/migrating/job-tables.ts";
import { Client } from "../harness/client.ts";
import { createDatabase, type TestDatabase } from "../harness/database/database.ts";
import { graphward, type Result } from "../harness/process.ts";
import { startApp } from "../harness/server.ts";
import { RegisterDocument } from "../operations/generated/graphql.ts";

let directory: string;
let database: TestDatabase;
let admin: pg.Client;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "graphward-schema-"));
  database = await createDatabase({ empty: true });
  admin = new pg.Client(database.url);
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await database.drop();
  await rm(directory, { recursive: true });
});

const run = (schema: string, ...args: string[]): Promise<Result> =>
  graphward(args, { environment: { DATABASE_URL: database.url, DATABASE_SCHEMA: schema }, directory });

const tablesOf = async (schema: string): Promise<readonly string[]> => {
  const { rows } = await admin.query("select tablename from pg_tables where schemaname = $1 order by 1", [
    schema,
  ]);
  return rows.map(({ tablename }) => tablename as string);
};

test("the tables stand beside somebody's of the same names, which nobody touches, at the first start and later", async () => {
  await admin.query(`create table public.migrations (version text);
    create table public.users (login text); insert into public.users values ('theirs');
    create schema nowhere; create table nowhere.sessions (sid text)`);
  for (const username of ["first-start", "later-start"]) {
    const user = { username, email: `${username}@example.org`, password: "a quiet tram at dawn" };
    const app = await startApp({ DATABASE_URL: database.url });
    expect((await new Client(app).run(RegisterDocument, { input: user })).codes).toEqual([]);
    await app.close();
  }
  expect(await tablesOf("public")).toEqual(["migrations", "users"]);
  expect(await tablesOf("nowhere")).toEqual(["sessions"]);
  expect((await admin.query("table public.users")).rows).toEqual([{ login: "theirs" }]);
  expect((await admin.query("table public.migrations")).rows).toEqual([]);
  expect(await tablesOf("graphward")).toContain("users");
});

test("every command works in another schema, and leaves the default one alone", async () => {
  const { rows: before } = await admin.query("select count(*) from graphward.users");
  expect(
    await run("auth", "user", "create", "--username", "ada", "--role", "ADMIN", "--password-stdin"),
  ).toMatchObject({ status: 1 });
  expect(await run("auth", "role", "grant", "SUPPORT", "users:read")).toMatchObject({
    status: 0,
    stderr: "",
  });
  expect(await run("auth", "user", "list")).toMatchObject({ status: 0, stdout: "No users found.\n" });
  expect(await run("auth", "mail", "list")).toMatchObject({ status: 0, stderr: "" });
  expect(await run("auth", "prune")).toMatchObject({ status: 0, stderr: "" });
  expect(await run("auth", "migrate")).toMatchObject({ status: 0, stdout: "The tables are up to date.\n" });
  expect(await tablesOf("auth")).toEqual(await tablesOf("graphward"));
  expect((await admin.query("select name from auth.roles")).rows).toEqual([{ name: "SUPPORT" }]);
  expect((await admin.query("select name from graphward.roles")).rows).toEqual([]);
  expect((await admin.query("select count(*) from graphward.users")).rows).toEqual(before);
});

test("the jobs' tables are those of the last migration that a start requires", async () => {
  const { rows } = await admin.query("select max(id) as newest from graphward_jobs.migrations");
  expect(rows).toEqual([{ newest: newestJobMigration }]);
});

test("a schema that was renamed works under its new name, with its notices", async () => {
  await admin.query("create schema other; drop schema other");
  const renamed = await createDatabase();
  const owner = new pg.Client(renamed.url);
  await owner.connect();
  await owner.query("alter schema graphward rename to renamed");
  await owner.query("set search_path = renamed; listen renamed_revocations");
  const heard: string[] = [];
  owner.on("notification", ({ payload = "" }) => heard.push(payload));
  await owner.query(`insert into users (id, username, canonical_username, roles)
    values (gen_random_uuid(), 'ada', 'ada', '{ADMIN}')`);
  expect((await owner.query("select role from role_members")).rows).toEqual([{ role: "ADMIN" }]);
  await owner.query("update users set is_active = false");
  const { rows } = await owner.query("select id from users");
  expect(heard).toEqual([rows[0].id]);
  await owner.end();
  await renamed.drop();
});

describe("a schema that another program uses is refused in one line, and left as it was:", () => {
  test.each([
    ["a table of migrations", "migrations", "(name text, batch int)"],
    ["a table of migrations with our columns", "migrations", "(id int, name text, executed_at timestamptz)"],
    ["a table of users", "users", "(login text)"],
  ])("%s", async (_, table, columns) => {
    await admin.query(`create schema taken; create table taken.${table} ${columns}`);
    const result = await run("taken", "user", "list");
    expect(result.stderr).toMatch(
      /^graphward: The schema taken is used by another program \(relation .+\): set DATABASE_SCHEMA to another name\.\n$/,
    );
    expect(await tablesOf("taken")).toEqual([table]);
    await admin.query("drop schema taken cascade; drop schema if exists taken_jobs cascade");
  });
});
