import { connect } from "node:net";
import { sql } from "kysely";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { migrationLockOf } from "../../src/database/own-schema.ts";
import { Client } from "../harness/client.ts";
import {
  createDatabase,
  type DatabaseAlone,
  openDatabaseAlone,
  type TestDatabase,
} from "../harness/database/database.ts";
import { startDatabaseProxy } from "../harness/database/proxy.ts";
import { until } from "../harness/mail/mail.ts";
import { begin, graphward, isReady, productionEnvironment, type Served } from "../harness/process.ts";
import { findFreePort } from "../harness/server.ts";
import { LogInDocument, PublicDocument } from "../operations/generated/graphql.ts";

/** Milliseconds, on a busy machine: the wait would take a minute. */
const atOnce = 8000;

let port: number;
let environment: NodeJS.ProcessEnv;
let server: Served | null;

beforeEach(async () => {
  port = await findFreePort();
  server = null;
  environment = {
    ...productionEnvironment(),
  };
});
afterEach(() => server?.kill());

const start = (more: NodeJS.ProcessEnv): Served => {
  server = begin(port, { environment: { ...environment, ...more } });
  return server;
};

const isListening = (): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("error", () => resolve(false)).once("connect", () => resolve(true));
    socket.once("connect", () => socket.destroy());
  });
const untilListening = () => until(async () => (await isListening()) || null);
const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
const client = () => new Client({ url: `http://127.0.0.1:${port}/graphql` });
const linesOf = ({ output }: Served, message: string): Record<string, unknown>[] =>
  output.stdout
    .split("\n")
    .filter((line) => line.includes(`"msg":"${message}"`))
    .map((line) => JSON.parse(line));
const untilLine = (served: Served, message: string) => until(async () => linesOf(served, message)[0] ?? null);

const reasonOf = async (response: Response): Promise<unknown> => {
  const { errors } = (await response.json()) as { errors: [{ extensions: { reason: unknown } }] };
  return errors[0].extensions.reason;
};

test("a request that comes during a quick start is answered after it: a proxy would pass a refusal on", async () => {
  const copy = await createDatabase();
  const started = start({ DATABASE_URL: copy.url });
  await untilListening();
  expect((await client().run(PublicDocument)).status).toBe(200);
  expect((await started.stop("SIGTERM")).status).toBe(0);
  await copy.drop();
});

describe("while the database is not there", () => {
  test("it listens, is live but not ready, says what it waits for, and serves as soon as the database comes", async () => {
    const copy = await createDatabase();
    const databasePort = await findFreePort();
    const started = start({
      DATABASE_URL: copy.url.replace(/localhost:.*\//, `127.0.0.1:${databasePort}/`).replace(/\?.*/, ""),
    });
    await untilListening();
    expect((await get("/health/live")).status).toBe(200);
    const ready = await get("/health/ready");
    expect([ready.status, await reasonOf(ready)]).toEqual([503, "waiting for the database"]);
    const answer = await client().run(PublicDocument);
    expect([answer.status, answer.codes, answer.headers.get("retry-after")]).toEqual([
      503,
      ["SERVICE_UNAVAILABLE"],
      "1",
    ]);
    expect(await untilLine(started, "waiting for the database")).toMatchObject({
      level: 40,
      database: expect.stringContaining(`127.0.0.1:${databasePort}/`),
      reason: "ECONNREFUSED",
    });

    const proxy = await startDatabaseProxy(undefined, databasePort);
    await until(async () => (await isReady(port)) || null);
    expect((await client().run(PublicDocument)).status).toBe(200);
    expect(linesOf(started, "waiting for the database")).toHaveLength(1);
    expect((await started.stop("SIGTERM")).status).toBe(0);
    await proxy.close();
    await copy.drop();
  });

  test.each(["SIGTERM", "SIGHUP"] as const)("%s ends the wait at once", async (signal) => {
    // No balancer has sent anything yet, so none must be told.
    const started = start({
      SHUTDOWN_DELAY: "60s",
      DATABASE_URL: `postgres://a:b@127.0.0.1:${await findFreePort()}/c`,
    });
    await untilListening();
    await untilLine(started, "waiting for the database");
    const { status, took } = await started.stop(signal);
    expect(status).toBe(0);
    expect(took).toBeLessThan(atOnce);
  });

  test("it gives up after DATABASE_WAIT, with one line and exit status 1", async () => {
    const started = start({
      DATABASE_URL: `postgres://a:b@127.0.0.1:${await findFreePort()}/c`,
      DATABASE_WAIT: "1s",
    });
    expect(await started.ended).toBe(1);
    expect(started.output.stderr).toMatch(
      /^graphward: The database at .+ does not respond since \d s: .+\n$/,
    );
  });

  test("a database that refuses us is not waited for: neither a wrong password nor a missing database", async () => {
    const copy = await createDatabase();
    for (const url of [copy.url.replace(/:[^:@]+@/, ":wrong@"), copy.url.replace(copy.name, "missing")]) {
      const started = start({ DATABASE_URL: url, DATABASE_WAIT: "3s" });
      expect(await started.ended).toBe(1);
      expect(started.output.stderr).toContain("refuses the connection");
    }
    await copy.drop();
  });
});

describe("a migration that waits for a lock", () => {
  let empty: TestDatabase;
  let holder: pg.Client;
  beforeEach(async () => {
    empty = await createDatabase({ empty: true });
    holder = new pg.Client({ connectionString: empty.url, application_name: "somebody's psql" });
    await holder.connect();
    // The lock of graphward's migrations.
    await holder.query("select pg_advisory_lock(hashtextextended($1, 0))", [migrationLockOf("graphward")]);
  });
  afterEach(async () => {
    await holder.end();
    await empty.drop();
  });
  const holderPid = async () => (await holder.query("select pg_backend_pid() as pid")).rows[0].pid;
  /** Our statements that still wait in PostgreSQL. */
  const countWaiting = async () =>
    (
      await holder.query(
        "select from pg_stat_activity where datname = current_database() and application_name like 'graphward migrate %'",
      )
    ).rows.length;

  test("says who holds it, and goes on as soon as the lock is free", async () => {
    const started = start({ DATABASE_URL: empty.url });
    expect(await untilLine(started, "waiting for a lock to migrate")).toMatchObject({
      level: 40,
      pid: await holderPid(),
      application: "somebody's psql",
      since: expect.stringMatching(/^20\d\d-.+Z$/),
    });
    const ready = await get("/health/ready");
    expect([ready.status, await reasonOf(ready)]).toEqual([503, "waiting for migrations"]);
    await holder.query("select pg_advisory_unlock_all()");
    await until(async () => (await isReady(port)) || null);
    expect((await started.stop("SIGTERM")).status).toBe(0);
  });

  test("ends at a signal, and leaves no statement in PostgreSQL that waits on", async () => {
    const started = start({ DATABASE_URL: empty.url });
    await untilLine(started, "waiting for a lock to migrate");
    const { status, took } = await started.stop("SIGTERM");
    expect(status).toBe(0);
    expect(took).toBeLessThan(atOnce);
    expect(await countWaiting()).toBe(0);
  });

  test("gives up after DATABASE_WAIT: graphward migrate exits with 1 and one line that names the holder", async () => {
    const { status, stderr } = await graphward(["migrate"], {
      environment: { DATABASE_URL: empty.url, DATABASE_WAIT: "1s" },
    });
    expect(status).toBe(1);
    const [first, second] = stderr.trim().split("\n");
    expect(first).toMatch(/^graphward: waiting for a lock to migrate: pid \d+, application somebody's psql/);
    expect(second).toContain(
      `graphward: Gave up after 1 s: process ${await holderPid()} of PostgreSQL (somebody's psql, role`,
    );
    expect(second).toContain(") holds a lock that the migration needs. Nothing was changed.");
    expect(await countWaiting()).toBe(0);
  });

  test("a table that somebody has locked is named too, and queued for no longer than the wait", async () => {
    await holder.query("select pg_advisory_unlock_all()");
    const old = await createDatabase();
    const alone = await openDatabaseAlone(old.url);
    await sql`alter table users drop column device_generation`.execute(alone.database);
    await sql`delete from migrations where name like '%device-generation'`.execute(alone.database);
    await alone.database.transaction().execute(async (transaction) => {
      await sql`lock table graphward.users in access share mode`.execute(transaction);
      const { status, stderr } = await graphward(["migrate"], {
        environment: { DATABASE_URL: old.url, DATABASE_WAIT: "1s" },
      });
      expect([status, stderr]).toEqual([1, expect.stringContaining("(graphward, role")]);
      // Nobody waits behind us for the table.
      await sql`select count(*) from graphward.users`.execute(transaction);
    });
    await alone.close();
    await old.drop();
  });
});

describe("with AUTO_MIGRATE=off, the server is not ready before the tables are there,", () => {
  const expectWaiting = async (database: TestDatabase, missing: string) => {
    const started = start({ DATABASE_URL: database.url, AUTO_MIGRATE: "off" });
    const line = await untilLine(started, "waiting for graphward migrate");
    expect(line).toMatchObject({
      level: 40,
      missing: expect.arrayContaining([expect.stringContaining(missing)]),
    });
    expect((await get("/health/live")).status).toBe(200);
    expect((await get("/health/ready")).status).toBe(503);
    const logIn = () => client().run(LogInDocument, { username: "a", password: "b" });
    expect(await logIn()).toMatchObject({ status: 503, codes: ["SERVICE_UNAVAILABLE"] });

    const migrated = await graphward(["migrate"], { environment: { DATABASE_URL: database.url } });
    expect(migrated.status).toBe(0);
    await until(async () => (await isReady(port)) || null);
    expect((await logIn()).codes).toEqual(["INVALID_CREDENTIALS"]);
    return { started, missing: (line as { missing: readonly string[] }).missing };
  };

  test("in an empty database, and turns ready by itself", async () => {
    const empty = await createDatabase({ empty: true });
    const { started, missing } = await expectWaiting(empty, "users-and-sessions");
    expect(missing.length).toBeGreaterThan(10);
    expect((await started.stop("SIGTERM")).status).toBe(0);
    await empty.drop();
  });

  test("in an old one, and names only what is missing", async () => {
    const old = await createDatabase();
    const alone: DatabaseAlone = await openDatabaseAlone(old.url);
    await sql`alter table users drop column device_generation`.execute(alone.database);
    await sql`delete from migrations where name like '%device-generation'`.execute(alone.database);
    const { started, missing } = await expectWaiting(old, "device-generation");
    expect(missing).toHaveLength(1);

    // Somebody restores a backup of the older release under the running server.
    await sql`delete from migrations where name like '%device-generation'`.execute(alone.database);
    const ready = await get("/health/ready");
    expect([ready.status, await reasonOf(ready)]).toEqual([503, "migrations missing"]);
    expect(await untilLine(started, "not ready for requests")).toMatchObject({
      level: 50,
      reason: "migrations missing",
    });
    await started.stop("SIGTERM");
    await alone.close();
    await old.drop();
  });
});

describe("a signal that a terminal sends lets the requests under way finish, like SIGTERM:", () => {
  test.each(["SIGHUP", "SIGQUIT"] as const)("%s", async (signal) => {
    const copy = await createDatabase();
    const started = start({ DATABASE_URL: copy.url });
    await until(async () => (await isReady(port)) || null);
    const logins = Array.from({ length: 3 }, () =>
      client().run(LogInDocument, { username: "nobody", password: "not the right password" }),
    );
    await client().run(PublicDocument);
    const { status } = await started.stop(signal);
    expect((await Promise.all(logins)).map((it) => it.codes)).toEqual(
      logins.map(() => ["INVALID_CREDENTIALS"]),
    );
    expect(status).toBe(0);
    expect(started.output.stdout).toContain(`"signal":"${signal}","msg":"stopping"`);
    await copy.drop();
  });
});

test("SIGUSR1 opens no debugger, neither of the server nor of a command", async () => {
  const started = start({ DATABASE_URL: `postgres://a:b@127.0.0.1:${await findFreePort()}/c` });
  await untilListening();
  process.kill(started.pid, "SIGUSR1");
  process.kill(started.pid, "SIGUSR1");
  expect((await get("/health/live")).status).toBe(200);
  await started.stop("SIGTERM");
  expect(started.output.stderr).not.toContain("Debugger");
});
