// Lists read from a streaming replica that is behind, frozen, killed, promoted, or none of this database.
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readConfig } from "../../src/config/config.ts";
import { createPool, replicaOptions } from "../../src/database/connecting/connection.ts";
import { findRoute } from "../../src/database/connecting/pooling.ts";
import { openDatabase } from "../../src/database/open.ts";
import { createTestUser } from "../../src/testing/users.ts";
import { minutes, seconds } from "../../src/time.ts";
import { Client, logInAs } from "../harness/client.ts";
import { startDatabaseProxy } from "../harness/database/proxy.ts";
import { until } from "../harness/mail/mail.ts";
import { graphward } from "../harness/process.ts";
import { scrape, withMetrics } from "../harness/scrape.ts";
import { type App, startApp } from "../harness/server.ts";
import {
  AuditEventsDocument,
  CountUsersDocument,
  CreateUserDocument,
  ExportMyDataDocument,
  LogOutDocument,
  PrivateDocument,
  UsersDocument,
} from "../operations/generated/graphql.ts";
import { startPgBouncer } from "./pgbouncer.ts";
import { type Cluster, createCluster, type Postgres } from "./postgres.ts";

let cluster: Cluster;
let primary: Postgres;
let replica: Postgres;
let app: App;
let admin: Client;

const password = "correct horse battery staple";

/** So that a test can look at everything that it is asked. */
const settings = { log_statement: "all" };

beforeAll(async () => {
  cluster = await createCluster();
  primary = await cluster.createPrimary("primary");
  replica = await primary.createStandby("replica", settings);
  app = await startApp({
    ...withMetrics,
    DATABASE_URL: primary.url,
    DATABASE_REPLICA_URL: replica.url,
  });
  const opened = await openDatabase(readConfig({ DATABASE_URL: primary.url }));
  const user = await createTestUser(opened.database, {
    username: "marguerite",
    email: null,
    password,
    roles: ["ADMIN"],
  });
  await opened.close();
  admin = await logInAs(app, user);
}, minutes(3));
afterAll(async () => {
  await app?.close();
  await cluster?.remove();
});

const answered = async (server: "replica" | "primary", by = app) =>
  (await scrape(by)).valueOf("graphward_replica_lists_total", { server }) ?? 0;
const isRead = async (by = app) => (await scrape(by)).valueOf("graphward_replica_read") === 1;
const linesOf = (text: string) => app.log.filter((line) => line.includes(text));

const newUsername = () => `user-${randomBytes(6).toString("hex")}`;
const createUser = async (client = admin) => {
  const username = newUsername();
  const input = { username, email: `${username}@example.org` };
  expect((await client.run(CreateUserDocument, { input })).codes).toEqual([]);
  return username;
};
const listUsers = async (client = admin) => {
  const { codes, data } = await client.run(UsersDocument, { first: 100 });
  expect(codes).toEqual([]);
  return data?.users?.nodes.map(({ username }) => username) ?? [];
};

describe("a replica that follows", () => {
  test("answers lists of users, the audit trail and exports, and is asked for nothing else", async () => {
    await until(isRead);
    const before = [await answered("replica"), await answered("primary")] as const;
    await listUsers();
    expect((await admin.run(CountUsersDocument, {})).data?.users?.totalCount).toBe(2);
    expect((await admin.run(AuditEventsDocument, {})).data?.auditEvents?.nodes).not.toEqual([]);
    const { data } = await admin.run(ExportMyDataDocument);
    expect(data?.exportMyData?.data).toMatchObject({ account: { username: "marguerite" } });
    // The event of the export itself, which was committed on the primary just before.
    expect(JSON.stringify(data?.exportMyData?.data.auditEvents)).toContain("DATA_EXPORTED");
    expect(await answered("primary")).toBe(before[1]);
    // The page and the count of CountUsers are two.
    expect(await answered("replica")).toBe(before[0] + 5);

    const someone = await logInAs(app, { username: "marguerite", password });
    expect((await someone.run(PrivateDocument)).codes).toEqual([]);
    await someone.run(LogOutDocument);
    expect((await someone.run(PrivateDocument)).codes).toEqual(["UNAUTHENTICATED"]);
    expect(await answered("replica")).toBe(before[0] + 5);
  });

  test("gets statements in transactions that cannot write", () => {
    const statements = [...replica.log().matchAll(/LOG: {2}(?:execute [^:]*|statement): (.*)/g)].map(
      ([, statement = ""]) => statement,
    );
    const reads = statements.filter((it) => it.includes('from "graphward".'));
    const begins = statements.filter(
      (it) => /^(?:begin|start transaction)/.test(it) && it.includes("read only"),
    );
    expect(reads.length).toBeGreaterThan(10);
    expect(begins.length).toBeGreaterThanOrEqual(5);
    expect(statements.filter((it) => /^(?:insert|update|delete|select .* for )/.test(it))).toEqual([]);
  });

  test("has every change of which a client knows, whoever made it", async () => {
    const before = await answered("replica");
    for (let round = 0; round < 30; round += 1) {
      const username = await createUser();
      expect(await listUsers()).toContain(username);
    }
    expect(await answered("replica")).toBeGreaterThan(before + 15);
  });

  test("a connection to it cannot write, even if it has become a primary", async () => {
    const connection = readConfig({ DATABASE_URL: primary.url }).connection;
    if (connection === null) throw new Error("The primary has no URL.");
    const pool = createPool(replicaOptions((await findRoute(connection)).route), 1);
    await expect(pool.query("create table public.written (id int)")).rejects.toThrow(
      "cannot execute CREATE TABLE in a read-only transaction",
    );
    await pool.end();
  });
});

describe("while the replica", () => {
  test("is behind, the primary answers, at once and without an error, until the replica has caught up", async () => {
    await until(isRead);
    await replica.query("select pg_wal_replay_pause()");
    const someone = await logInAs(app, { username: "marguerite", password });
    const username = await createUser();
    expect(await listUsers()).toContain(username);
    expect(await answered("primary")).toBeGreaterThan(0);
    await someone.run(LogOutDocument);
    expect((await someone.run(PrivateDocument)).codes).toEqual(["UNAUTHENTICATED"]);
    await until(() => linesOf("replica is not read, the primary answers").at(-1)?.includes('"behind"'));
    expect((await scrape(app)).valueOf("graphward_replica_lag_seconds")).toBeGreaterThan(0.2);
    expect(await isRead()).toBe(false);
    const replicaBefore = await answered("replica");
    for (let round = 0; round < 10; round += 1) await listUsers();
    expect(await answered("replica")).toBe(replicaBefore);
    expect(
      (
        await graphward(["check"], {
          environment: { DATABASE_URL: primary.url, DATABASE_REPLICA_URL: replica.url },
        })
      ).stdout,
    ).toMatch(
      /^warning DATABASE_REPLICA_URL: is behind, and the primary answers its lists: REPLICA_LAG is 200 ms$/m,
    );

    await replica.query("select pg_wal_replay_resume()");
    await until(() => linesOf("replica is read again").length > 0);
    await listUsers();
    expect(await answered("replica")).toBe(replicaBefore + 1);
  });

  test("is frozen, every list is answered by the primary within five seconds", async () => {
    await until(isRead);
    await replica.freeze();
    const start = performance.now();
    const lists = await Promise.all(
      Array.from({ length: 15 }, async () => {
        await listUsers();
        return performance.now() - start;
      }),
    );
    expect(Math.max(...lists)).toBeLessThan(seconds(5));
    await replica.thaw();
    await until(isRead);
  });

  test("is killed, no request fails, and it is read again when it is back", async () => {
    await until(isRead);
    const told = linesOf("replica is not read, the primary answers").length;
    const toldAgain = linesOf("replica is read again").length;
    let isOver = false;
    let lists = 0;
    const load = Array.from({ length: 4 }, async () => {
      for (; !isOver; lists += 1) await listUsers();
    });
    await replica.kill();
    await until(() => linesOf("replica is not read, the primary answers").length > told);
    expect(linesOf("replica is not read, the primary answers").at(-1)).toContain('"reason":"unavailable"');
    await replica.start();
    await until(() => linesOf("replica is read again").length > toldAgain);
    isOver = true;
    await Promise.all(load);
    expect(lists).toBeGreaterThan(20);
    const before = await answered("replica");
    await listUsers();
    expect(await answered("replica")).toBe(before + 1);
  });
});

describe("DATABASE_REPLICA_URL", () => {
  const start = (url: string) => graphward(["start"], { environment: environmentWith(url) });
  const check = (url: string) => graphward(["check"], { environment: environmentWith(url) });
  const environmentWith = (url: string) => ({ DATABASE_URL: primary.url, DATABASE_REPLICA_URL: url });

  test("of the primary refuses the start in one line, and fails the check", async () => {
    const reason = `leads to a primary server (127.0.0.1:${primary.port}/graphward): write a replica of DATABASE_URL, or remove the setting.`;
    expect(await start(primary.url)).toMatchObject({
      status: 1,
      stderr: `graphward: DATABASE_REPLICA_URL ${reason}\n`,
    });
    const { status, stdout } = await check(primary.url);
    expect([status, stdout]).toEqual([
      1,
      expect.stringContaining(`error   DATABASE_REPLICA_URL: ${reason}\n`),
    ]);
  });

  test("of another cluster's replica does the same", async () => {
    const other = await cluster.createPrimary("other");
    const stranger = await other.createStandby("stranger");
    expect(await start(stranger.url)).toMatchObject({
      status: 1,
      stderr: `graphward: DATABASE_REPLICA_URL leads to another database (127.0.0.1:${stranger.port}/graphward) than DATABASE_URL (127.0.0.1:${primary.port}/graphward): write a replica of the same database.\n`,
    });
    expect((await check(stranger.url)).status).toBe(1);
    for (const server of [other, stranger]) await server.kill();
  });

  test("of a replica that refuses us does too, and one that does not respond does not", async () => {
    const { status, stderr } = await start(replica.url.replace("graphward@", "nobody@"));
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/^graphward: DATABASE_REPLICA_URL cannot be used: The database at [^\n]*\n$/),
    ]);
    const nowhere = "postgres://graphward@127.0.0.1:1/graphward";
    const alone = await startApp({ DATABASE_URL: primary.url, DATABASE_REPLICA_URL: nowhere, ...secrets() });
    const client = new Client(alone, { token: admin.token });
    expect((await client.run(UsersDocument, {})).codes).toEqual([]);
    expect(alone.log.join("")).toMatch(/"error":"ECONNREFUSED".*replica is not read, the primary answers/);
    await alone.close();
    expect((await check(nowhere)).stdout).toMatch(
      /^warning DATABASE_REPLICA_URL: does not respond, and the primary answers all lists: connect ECONNREFUSED/m,
    );
  });

  test("of a copy's replica, which is ahead of this database, is never read", async () => {
    const copy = await primary.createCopy("copy");
    await copy.query("create table written as select generate_series(1, 100000) as id");
    const ofCopy = await copy.createStandby("of-copy");
    const misled = await startApp({
      DATABASE_URL: primary.url,
      DATABASE_REPLICA_URL: ofCopy.url,
      ...secrets(),
    });
    expect(misled.log.join("")).toMatch(/"reason":"ahead of the primary".*replica is not read/);
    await misled.close();
    for (const server of [copy, ofCopy]) await server.kill();
  });

  test("of a replica that is promoted is not read any more", async () => {
    const promoted = await primary.createStandby("promoted");
    const other = await startApp({
      ...withMetrics,
      DATABASE_URL: primary.url,
      DATABASE_REPLICA_URL: promoted.url,
      ...secrets(),
    });
    const read = async () =>
      (await scrape(other)).valueOf("graphward_replica_lists_total", { server: "replica" });
    const client = new Client(other, { token: admin.token });
    expect((await client.run(UsersDocument, {})).codes).toEqual([]);
    expect(await read()).toBe(1);
    await promoted.promote();
    await until(async () => (await promoted.query("select pg_is_in_recovery() as it"))[0]?.it === false);
    expect((await client.run(UsersDocument, {})).codes).toEqual([]);
    expect(await read()).toBe(1);
    await until(() => other.log.join("").includes('"reason":"a primary"'));
    await other.close();
    await promoted.kill();
  });
});

const secrets = () => ({
  SESSION_SECRET: app.config.sessionSecrets.join(),
  AUDIT_KEY: app.config.auditKeys.join(),
});

test("behind PgBouncer in transaction mode, a replica has every change of which a client knows, and is not read while it is behind", async () => {
  const pooler = await startPgBouncer(
    "pool_mode = transaction",
    // Fewer than the lists at a time: each connection serves many of them in turn.
    "default_pool_size = 3",
    "[databases]",
    `graphward = host=127.0.0.1 port=${replica.port} user=graphward`,
  );
  const other = await startApp({
    ...withMetrics,
    DATABASE_URL: primary.url,
    DATABASE_REPLICA_URL: pooler.urlOf("graphward"),
    ...secrets(),
  });
  try {
    const client = new Client(other, { token: admin.token });
    const change = async () => {
      const username = await createUser(client);
      expect(await listUsers(client)).toContain(username);
    };
    await until(() => isRead(other));
    for (let round = 0; round < 5; round += 1) await Promise.all(Array.from({ length: 8 }, change));
    expect(await answered("replica", other)).toBeGreaterThan(20);

    await replica.query("select pg_wal_replay_pause()");
    const before = await answered("primary", other);
    await Promise.all(Array.from({ length: 8 }, change));
    expect(await answered("primary", other)).toBe(before + 8);
    await replica.query("select pg_wal_replay_resume()");
    await until(() => isRead(other));
    const read = await answered("replica", other);
    await change();
    expect(await answered("replica", other)).toBe(read + 1);
  } finally {
    await other.close();
    await pooler.stop();
  }
});

test("where the positions are refused, the start is not, and the primary answers all lists", async () => {
  const functions = "pg_current_wal_flush_lsn(), pg_last_wal_replay_lsn()";
  await primary.query(`revoke execute on function ${functions} from public`, "graphward");
  const other = await startApp({
    ...withMetrics,
    DATABASE_URL: primary.url,
    DATABASE_REPLICA_URL: replica.url,
    ...secrets(),
  });
  try {
    const client = new Client(other, { token: admin.token });
    const username = await createUser(client);
    expect(await listUsers(client)).toContain(username);
    expect(await answered("replica", other)).toBe(0);
    expect(await answered("primary", other)).toBe(1);
    expect(other.log.join("")).toContain("replica is not read, the primary answers");
  } finally {
    await other.close();
    await primary.query(`grant execute on function ${functions} to public`, "graphward");
  }
});

test("while DATABASE_URL leads to a standby, as during a failover, a change gets 503, and the log says why", async () => {
  const proxy = await startDatabaseProxy({ host: "127.0.0.1", port: primary.port });
  const other = await startApp({ DATABASE_URL: proxy.urlOf(primary.url), ...secrets() });
  const leadTo = (server: Postgres) => {
    proxy.leadTo({ host: "127.0.0.1", port: server.port });
    proxy.reset();
  };
  try {
    const client = new Client(other, { token: admin.token });
    const create = async () => {
      const username = newUsername();
      const input = { username, email: `${username}@example.org` };
      const { status, codes } = await client.run(CreateUserDocument, { input });
      return [status, codes];
    };
    const unavailable = [503, ["SERVICE_UNAVAILABLE"]];
    expect(await create()).toEqual([200, []]);

    leadTo(replica);
    // The connections that were reset are replaced by connections to the standby, which refuses each BEGIN.
    for (let round = 0; round < 20; round += 1) expect(await create()).toEqual(unavailable);
    const errors = other.log.filter((line) => /"level":[56]0/.test(line));
    for (const line of errors) expect(line).toContain('"reason":"0A000","requests":');
    expect(errors).not.toEqual([]);

    leadTo(primary);
    await until(async () => (await create())[0] === 200);
  } finally {
    await other.close();
    await proxy.close();
  }
});

test("a server that may open more connections than its replica allows says so", async () => {
  const small = await primary.createStandby("small", { max_connections: "100" });
  await primary.query("alter role graphward connection limit 40");
  const other = await startApp({
    DATABASE_URL: primary.url,
    DATABASE_REPLICA_URL: small.url,
    DATABASE_CONNECTIONS: "40",
  });
  expect(other.log.join("")).toMatch(
    /"needed":41,"allowed":40,"of":"DATABASE_REPLICA_URL","msg":"this server may open more connections than PostgreSQL allows"/,
  );
  await other.close();
  await primary.query("alter role graphward connection limit -1");
  await small.kill();
});
