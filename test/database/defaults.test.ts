import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { joinEmbeddedPostgres } from "../../src/database/embedded/join.ts";
import { Client } from "../harness/client.ts";
import { createDatabase, type TestDatabase } from "../harness/database/database.ts";
import { graphward } from "../harness/process.ts";
import { type AppWithMail, startWithMail } from "../harness/server.ts";
import {
  LogInDocument,
  LogOutDocument,
  PrivateDocument,
  RegisterDocument,
  SessionsDocument,
} from "../operations/generated/graphql.ts";

/** Each is harmless for other applications, and changed an answer of ours. */
const defaults = {
  default_transaction_isolation: "serializable",
  default_transaction_read_only: "on",
  default_transaction_deferrable: "on",
  statement_timeout: "1ms",
  lock_timeout: "1ms",
  idle_session_timeout: "100ms",
  client_encoding: "LATIN1",
  DateStyle: "German",
  TimeZone: "Asia/Kathmandu",
  IntervalStyle: "iso_8601",
  bytea_output: "escape",
  extra_float_digits: "-15",
  standard_conforming_strings: "off",
  transform_null_equals: "on",
  row_security: "off",
  synchronous_commit: "off",
  log_parameter_max_length_on_error: "-1",
};

let database: TestDatabase;
let app: AppWithMail;
let admin: pg.Client;

beforeAll(async () => {
  database = await createDatabase();
  admin = new pg.Client({ ...inject("graphwardCluster"), database: database.name });
  await admin.connect();
  await setDefaults(defaults);
  app = await startWithMail({ DATABASE_URL: database.url });
});
afterAll(async () => {
  await admin.end();
  await app.close();
  await database.drop();
});

const setDefaults = async (settings: Readonly<Record<string, string>>) => {
  for (const [name, value] of Object.entries(settings)) {
    await admin.query(`alter database ${database.name} set ${name} = '${value}'`);
    await admin.query(`alter role current_user in database ${database.name} set ${name} = '${value}'`);
  }
};

const newPerson = () => {
  const username = `person-${randomBytes(6).toString("hex")}`;
  return { username, email: `${username}@example.com`, password: "correct horse battery staple" };
};

describe("what a database and its role set by default", () => {
  test("fails no registration of ten at once", async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => new Client(app).run(RegisterDocument, { input: newPerson() })),
    );
    expect(answers.map(({ status, codes }) => [status, ...codes])).toEqual(Array(10).fill([200]));
  });

  test("changes no time, no text and no secret that is stored or read", async () => {
    const user = await app.createUser({ username: `ünï-${randomBytes(6).toString("hex")}` });
    const client = new Client(app);
    await client.logIn(user);
    expect((await client.run(PrivateDocument)).text).toContain(user.username);
    const [session] = (await client.run(SessionsDocument)).data?.sessions ?? [];
    const age = Date.now() - Date.parse(String(session?.createdAt));
    expect(Math.abs(age)).toBeLessThan(600_000);
    await client.run(LogOutDocument);
    expect((await client.run(PrivateDocument)).codes).toEqual(["UNAUTHENTICATED"]);
  });

  test("is overruled for each connection: of requests, of listening, of mail and of commands", async () => {
    const pool = app.server.database.createPool(1);
    const { rows } = await pool.query("select name, setting from pg_settings where name = any($1)", [
      [
        "default_transaction_isolation",
        "default_transaction_read_only",
        "statement_timeout",
        "synchronous_commit",
      ],
    ]);
    await pool.end();
    expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
      default_transaction_isolation: "read committed",
      default_transaction_read_only: "off",
      statement_timeout: "0",
      synchronous_commit: "on",
    });
    const listed = await graphward(["user", "list"], { environment: { DATABASE_URL: database.url } });
    expect(listed).toMatchObject({ status: 0, stderr: "" });
  });

  test("is overruled like the options of the URL", async () => {
    const DATABASE_URL = `${database.url}&options=${encodeURIComponent("-c default_transaction_read_only=on -c statement_timeout=1")}`;
    const result = await graphward(["user", "list"], { environment: { DATABASE_URL } });
    expect(result).toMatchObject({ status: 0, stderr: "" });
  });
});

describe("what PostgreSQL rolled back because of others", () => {
  /** Fails the first `times` insertions of a session or a user, as a conflict would. A sequence is not rolled back. */
  const withConflicts = async (table: string, code: string, times: number, work: () => Promise<void>) => {
    await admin.query(`
      create sequence graphward.conflicts;
      create function graphward.conflict() returns trigger language plpgsql as $$
        begin
          if nextval('graphward.conflicts') <= ${times} then raise exception using errcode = '${code}'; end if;
          return new;
        end $$;
      create trigger conflict before insert on graphward.${table} for each row execute function graphward.conflict()`);
    try {
      await work();
    } finally {
      await admin.query("drop function graphward.conflict() cascade; drop sequence graphward.conflicts");
    }
  };
  const enough = 5;

  test.each(["40001", "40P01"])("is repeated: a statement and a transaction after %s", async (code) => {
    const user = await app.createUser();
    await withConflicts("sessions", code, enough, async () => {
      expect((await new Client(app).run(LogInDocument, user)).codes).toEqual([]);
    });
    const person = newPerson();
    await withConflicts("users", code, enough, async () => {
      expect((await new Client(app).run(RegisterDocument, { input: person })).codes).toEqual([]);
    });
    const { rows } = await admin.query("select from users where username = $1", [person.username]);
    expect(rows).toHaveLength(1);
  });

  test("is repeated within a bound: then the service is unavailable, and nothing is half done", async () => {
    const person = newPerson();
    await withConflicts("users", "40001", 1_000, async () => {
      const answer = await new Client(app).run(RegisterDocument, { input: person });
      expect([answer.status, answer.codes]).toEqual([503, ["SERVICE_UNAVAILABLE"]]);
    });
    expect((await new Client(app).run(RegisterDocument, { input: person })).codes).toEqual([]);
  });

  test("and no other error is", async () => {
    const user = await app.createUser();
    await withConflicts("sessions", "22P02", 1, async () => {
      expect((await new Client(app).run(LogInDocument, user)).codes).toEqual(["INTERNAL_SERVER_ERROR"]);
    });
  });
});

test("a default that no connection can overrule is refused, with the statement to run", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "graphward-defaults-"));
  // As root the database runs as another user, who must be able to enter.
  await chmod(dataDir, 0o711);
  // Its triggers would not notify revocations.
  const cluster = await joinEmbeddedPostgres({ dataDir, settings: { session_replication_role: "replica" } });
  const { user, password, host, database: name } = cluster.connection;
  const environment = {
    DATABASE_URL: `postgres://${user}:${encodeURIComponent(password)}@/${name}?host=${encodeURIComponent(host)}`,
  };
  const { status, stderr } = await graphward(["migrate"], { environment });
  expect([status, stderr]).toEqual([
    1,
    expect.stringMatching(
      / sets by default what we cannot change: run alter role "graphward" in database "graphward" set session_replication_role = 'origin';\n$/,
    ),
  ]);
  await cluster.leave();
  await rm(dataDir, { recursive: true, force: true });
});

test("a database that cannot store every name is refused before anything is created", async () => {
  const name = `test_${randomBytes(8).toString("hex")}`;
  await admin.query(
    `create database ${name} template template0 encoding LATIN1 locale_provider libc locale 'C'`,
  );
  const environment = { DATABASE_URL: database.url.replace(database.name, name) };
  const { status, stderr } = await graphward(["migrate"], { environment });
  expect([status, stderr]).toEqual([
    1,
    expect.stringMatching(/ cannot store every name: create one with the encoding UTF8\.\n$/),
  ]);
  await admin.query(`drop database ${name} with (force)`);
});
