import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createUser } from "../../src/auth/administration/operator.ts";
import { fromCommandLine } from "../../src/auth/audit/record.ts";
import { neverBreached } from "../../src/auth/passwords/breached.ts";
import { type Config, readConfig } from "../../src/config/config.ts";
import { type OpenDatabase, openDatabase } from "../../src/database/open.ts";
import { migrationLockOf } from "../../src/database/own-schema.ts";
import { createDatabase, type TestDatabase } from "../harness/database/database.ts";
import { jobsOf, type MailServer, sendLink, startMailServer, until } from "../harness/mail/mail.ts";
import { graphward, isReady, type Result, serve } from "../harness/process.ts";
import { findFreePort } from "../harness/server.ts";

const migrationLock = migrationLockOf("graphward");

let directory: string;
let copy: TestDatabase;
let opened: OpenDatabase;
let config: Config;
let mail: MailServer;
let environment: NodeJS.ProcessEnv;

const open = async (options: { empty?: boolean } = {}) => {
  directory = await mkdtemp(join(tmpdir(), "graphward-mail-process-"));
  await chmod(directory, 0o711);
  copy = await createDatabase(options);
  mail = await startMailServer();
  environment = {
    DATABASE_URL: copy.url,
    SESSION_SECRET: "of all the servers in this test",
    SMTP_URL: mail.url,
    EXPLORER: "off",
  };
  config = readConfig(environment);
  opened = await openDatabase(config);
};
beforeEach(() => open());
afterEach(async () => {
  await opened.close();
  await mail.close();
  await copy.drop();
  await rm(directory, { recursive: true });
});

const makeUser = async () => {
  const account = {
    username: "grace",
    email: "grace@example.org",
    password: "correct horse battery staple",
    roles: [],
  };
  const made = await createUser(opened.database, account, fromCommandLine, {
    isBreached: neverBreached,
    serviceWords: [],
    minLength: 12,
  });
  if (!made.ok) throw new Error("The test's account breaks a rule.");
  return made.value;
};
const sendReset = async (userId: string) =>
  sendLink(
    { database: opened.database, config },
    { template: "reset-password", purpose: "reset-password", userId, sentTo: "grace@example.org" },
  );
const settled = () => until(async () => (await jobsOf(opened.database)).length === 0);
const start = async (port?: number) => serve(port ?? (await findFreePort()), { environment, directory });
const run = (...args: string[]): Promise<Result> => graphward(["mail", ...args], { environment, directory });

test("kill -9 between the commit and the sending, or in the middle of it, loses nothing", async () => {
  const userId = await makeUser();
  // Committed while nobody sends.
  await sendReset(userId);
  let isReached = false;
  mail.refuse = () => {
    isReached = true;
    return new Promise(() => undefined);
  };
  const first = await start();
  await until(() => isReached);
  await first.kill();
  expect(mail.received).toHaveLength(0);

  mail.refuse = () => null;
  // The killed server still holds its job; minutes pass.
  expect(await jobsOf(opened.database)).toMatchObject([{ locked_by: expect.any(String) }]);
  await sql`update graphward_jobs._private_jobs set locked_at = now() - interval '4 minutes'`.execute(
    opened.database,
  );
  const second = await start();
  await settled();
  expect(mail.received).toHaveLength(1);
  expect(mail.received[0]?.text).toContain("Hello grace,");
  expect((await second.stop("SIGTERM")).status).toBe(0);
});

test("a job that another server is sending now is left to it", async () => {
  const userId = await makeUser();
  let answer: () => void = () => undefined;
  mail.refuse = () => new Promise((resolve) => (answer = () => resolve(null)));
  await sendReset(userId);
  const [first, second] = await Promise.all([start(), start()]);
  const [job] = await until(async () => {
    const jobs = await jobsOf(opened.database);
    return jobs[0]?.locked_by ? jobs : null;
  });
  const third = await start();
  expect((await jobsOf(opened.database))[0]?.locked_by).toBe(job?.locked_by);
  answer();
  await settled();
  expect(mail.received).toHaveLength(1);
  await Promise.all([first, second, third].map((server) => server.stop("SIGTERM")));
});

test("SIGTERM while a message is on its way lets it arrive, with status 0", async () => {
  const port = await findFreePort();
  const server = await start(port);
  let answer: (() => void) | null = null;
  mail.refuse = () =>
    new Promise((resolve) => {
      answer = () => resolve(null);
    });
  await sendReset(await makeUser());
  const take = await until(() => answer);
  const stopped = server.stop("SIGTERM");
  await until(async () => !(await isReady(port)));
  take();
  expect((await stopped).status).toBe(0);
  expect(mail.received).toHaveLength(1);
  expect(await jobsOf(opened.database)).toEqual([]);
});

/** Somebody migrates, is in the middle of it, and the server has looked. */
const seeHalfMigrated = async () => {
  await opened.database.connection().execute(async (connection) => {
    await sql`select pg_advisory_lock(hashtextextended(${migrationLock}, 0))`.execute(connection);
    await sql`create schema graphward_jobs`.execute(connection);
    await sql`create view graphward_jobs.jobs as select 1 as id`.execute(connection);
    const { rows } = await sql<{ now: string }>`select now()::text as now`.execute(connection);
    await until(async () => {
      const looks = await sql`select from pg_stat_activity
        where state = 'idle' and query like '%pg_try_advisory_xact_lock_shared%' and pid <> pg_backend_pid()
          and query_start > ${rows[0]?.now}::timestamptz and datname = current_database()`.execute(
        connection,
      );
      return looks.rows.length > 0;
    });
    await sql`drop schema graphward_jobs cascade`.execute(connection);
    await sql`select pg_advisory_unlock(hashtextextended(${migrationLock}, 0))`.execute(connection);
  });
};

test("with AUTO_MIGRATE=off and no tables mail waits, says so once, and goes on once they are there", async () => {
  environment = { ...environment, AUTO_MIGRATE: "off" };
  const server = await start();
  // As after the restore of a backup without them.
  await sql`drop schema graphward_jobs cascade`.execute(opened.database);
  expect(await run("list")).toMatchObject({
    status: 1,
    stderr: "graphward: The tables of the mail queue are missing: run graphward migrate.\n",
  });
  await until(() => server.output.stdout.includes("run graphward migrate"));
  await seeHalfMigrated();
  expect((await graphward(["migrate"], { environment, directory })).stdout).toContain(
    "migrated: graphward_jobs\n",
  );
  await sendReset(await makeUser());
  await settled();
  expect(mail.received).toHaveLength(1);
  expect((await server.stop("SIGTERM")).status).toBe(0);
  expect(server.output.stdout.split("run graphward migrate").length - 1).toBe(1);
});

test("mail list shows what waits and what has failed, and mail retry tries it again", async () => {
  expect(await run("list")).toMatchObject({
    status: 0,
    stdout: "No mail is waiting, and none has failed.\n",
  });
  const userId = await makeUser();
  for (let count = 0; count < 3; count += 1) await sendReset(userId);
  const change = async (id: string, changes: ReturnType<typeof sql>) =>
    sql`update graphward_jobs._private_jobs set ${changes} where id = ${id}`.execute(opened.database);
  const [one, two, three] = (await jobsOf(opened.database)).map(({ id }) => id);
  await change(one ?? "", sql`attempts = max_attempts, last_error = 'The mail server refused: 550'`);
  await change(
    two ?? "",
    sql`attempts = 2, last_error = 'The mail server refused: 450', run_at = '2030-01-02T03:04:05Z'`,
  );
  await change(three ?? "", sql`run_at = '2030-01-02T03:04:05Z'`);

  const listed = (await run("list")).stdout.trim().split("\n");
  expect(listed.map((line) => line.trim().split(/\s{2,}/))).toEqual([
    [one, "reset-password", "failed", "17 of 17 attempts", "The mail server refused: 550"],
    [
      two,
      "reset-password",
      "waiting",
      "2 of 17 attempts",
      "next 2030-01-02T03:04:05.000Z",
      "The mail server refused: 450",
    ],
    [three, "reset-password", "waiting", "0 of 17 attempts", "next 2030-01-02T03:04:05.000Z"],
  ]);
  const json: unknown = JSON.parse((await run("list", "--json")).stdout);
  expect(json).toMatchObject([
    { id: one, template: "reset-password", state: "failed", attempts: 17, maxAttempts: 17, nextTry: null },
    {
      id: two,
      state: "waiting",
      lastError: "The mail server refused: 450",
      nextTry: "2030-01-02T03:04:05.000Z",
    },
    { id: three, state: "waiting", lastError: null },
  ]);

  expect(await run("retry", "987654321987654321987654321", "x'; drop table users", "--json")).toMatchObject({
    status: 1,
    stdout: "[]\n",
    stderr: "graphward: Not found, or being sent now: 987654321987654321987654321, x'; drop table users\n",
  });
  const server = await start();
  // The server is running: what is tried again is sent at once.
  expect(await run("retry")).toMatchObject({ status: 0, stdout: "Retried: 2.\n" });
  await until(() => mail.received.length === 2);
  await until(async () => (await jobsOf(opened.database)).length === 1);
  expect(await run("retry", three ?? "", "--json")).toMatchObject({
    status: 0,
    stdout: `[\n  "${three}"\n]\n`,
  });
  await settled();
  expect(mail.received).toHaveLength(3);
  await server.stop("SIGTERM");
});

test("prune deletes mail that failed for good a month ago, and no other", async () => {
  const userId = await makeUser();
  for (let count = 0; count < 3; count += 1) await sendReset(userId);
  await sql`update graphward_jobs._private_jobs set run_at = 'infinity'`.execute(opened.database);
  await sql`update graphward_jobs._private_jobs set attempts = max_attempts, created_at = now() - interval '31 days'
    where id = (select min(id) from graphward_jobs._private_jobs)`.execute(opened.database);
  await sql`update graphward_jobs._private_jobs set attempts = max_attempts
    where id = (select max(id) from graphward_jobs._private_jobs)`.execute(opened.database);
  expect((await graphward(["prune"], { environment, directory })).stdout).toContain(
    "Failed mail deleted: 1.\n",
  );
  expect(await jobsOf(opened.database)).toHaveLength(2);
});
