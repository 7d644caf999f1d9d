import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { createDatabase, type TestDatabase } from "../harness/database/database.ts";
import { graphward } from "../harness/process.ts";

/** What a shell has that works on other databases. The driver reads most of them by itself. */
const variables = {
  PGHOST: "nowhere.invalid",
  PGPORT: "1",
  PGUSER: "nobody",
  PGPASSWORD: "marguerite",
  PGDATABASE: "nothing",
  PGSSLMODE: "require",
  PGSSLNEGOTIATION: "direct",
  PGOPTIONS: "-c default_transaction_read_only=on -c statement_timeout=1",
  PGREPLICATION: "database",
  PGAPPNAME: "another",
  PGCLIENT_ENCODING: "LATIN1",
  PGCONNECT_TIMEOUT: "1",
  PGSERVICE: "nothing",
  PGPASSFILE: "/nowhere",
  PGTZ: "Asia/Kathmandu",
  PGDATESTYLE: "German",
};

let directory: string;
let database: TestDatabase;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "graphward-shell-"));
  // As root the database runs as another user, who must be able to enter.
  await chmod(directory, 0o711);
  database = await createDatabase();
});
afterAll(async () => {
  await database.drop();
  await rm(directory, { recursive: true, force: true });
});

describe("variables of PostgreSQL's clients", () => {
  test("change nothing of the built-in database", async () => {
    const result = await graphward(["user", "list"], { environment: variables, directory });
    expect(result).toMatchObject({ status: 0, stdout: "No users found.\n", stderr: "" });
  });

  test("change nothing of a URL that is complete", async () => {
    const environment = { ...variables, DATABASE_URL: `${database.url}&sslmode=disable` };
    const result = await graphward(["user", "list"], { environment, directory });
    expect(result).toMatchObject({ status: 0, stdout: "No users found.\n", stderr: "" });
  });

  test("complete one that is not, and the line that says what failed names them, without the password", async () => {
    const environment = { ...variables, DATABASE_URL: "postgres://127.0.0.1/x" };
    const { status, stderr } = await graphward(["user", "list"], { environment, directory });
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^graphward: The database at 127\.0\.0\.1:1\/x \(with PGPORT, PGUSER, PGPASSWORD, PGSSLMODE of the environment\) does not respond: [^\n]*\n$/,
    );
    expect(stderr).not.toContain("marguerite");
    const { host, port, user, password } = inject("graphwardCluster");
    const complete = { PGHOST: host, PGPORT: String(port), PGUSER: user, PGPASSWORD: password };
    const result = await graphward(["user", "list"], {
      environment: { ...complete, DATABASE_URL: `postgres:///${database.name}` },
      directory,
    });
    expect(result).toMatchObject({ status: 0, stderr: "" });
  });
});

describe("a URL", () => {
  test("of a database whose name has quotes, spaces, percent signs and a slash leads to it", async () => {
    const name = `${database.name} "it's" 100% / #?@`;
    const { default: pg } = await import("pg");
    const admin = new pg.Client(inject("graphwardCluster"));
    await admin.connect();
    await admin.query(`create database ${pg.escapeIdentifier(name)}`);
    const DATABASE_URL = database.url.replace(database.name, encodeURIComponent(name));
    for (const _start of ["first", "second"]) {
      const { status, stderr } = await graphward(["user", "list"], {
        environment: { DATABASE_URL },
        directory,
      });
      expect([status, stderr]).toEqual([0, ""]);
    }
    await admin.query(`drop database ${pg.escapeIdentifier(name)} with (force)`);
    await admin.end();
  });

  test("with a directory of sockets and no host leads there", async () => {
    const { host, user, password } = inject("graphwardCluster");
    const DATABASE_URL = `postgres://${user}:${encodeURIComponent(password)}@/${database.name}?host=${host}`;
    const result = await graphward(["user", "list"], { environment: { DATABASE_URL }, directory });
    expect(result).toMatchObject({ status: 0, stderr: "" });
  });

  test("without a password, to a database that asks for one, is told so: no password file is read", async () => {
    const { host, user, password } = inject("graphwardCluster");
    const DATABASE_URL = `postgres://${user}@/${database.name}?host=${host}`;
    const PGPASSFILE = join(directory, "pgpass");
    const line = `*:*:*:${user}:${password.replaceAll(/[:\\]/g, "\\$&")}\n`;
    await writeFile(PGPASSFILE, line, { mode: 0o600 });
    const { status, stderr } = await graphward(["user", "list"], {
      environment: { DATABASE_URL, PGPASSFILE },
      directory,
    });
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(
        / refuses the connection: [^\n]*\. Write a password in the URL, or set PGPASSWORD\n$/,
      ),
    ]);
  });

  test("that cannot be read is repeated in no part, by no command", async () => {
    const environment = { DATABASE_URL: "postgres://graphward:mar/guerite@db.invalid/x" };
    for (const command of [["user", "list"], ["migrate"], ["check"], ["start"], ["database"]]) {
      const { status, stdout, stderr } = await graphward(command, { environment, directory });
      expect([status, stdout]).toEqual([1, ""]);
      expect(stderr).toContain("DATABASE_URL: must look like postgres://user:password@host/name");
      for (const part of ["mar/", "guer", "db.invalid"]) expect(stderr).not.toContain(part);
    }
  });
});
