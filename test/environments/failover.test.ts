// A primary that is killed or vanishes, and its synchronous standby that takes over: with a ledger of what was acknowledged.
import { randomBytes, randomInt } from "node:crypto";
import { setTimeout as pass } from "node:timers/promises";
import pg from "pg";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { minutes, seconds } from "../../src/time.ts";
import { Client } from "../harness/client.ts";
import { type DatabaseProxy, startDatabaseProxy } from "../harness/database/proxy.ts";
import { until } from "../harness/mail/mail.ts";
import { graphward, type Served, serve } from "../harness/process.ts";
import { findFreePort, withoutLimits } from "../harness/server.ts";
import {
  CreateAccessTokenDocument,
  RevokeAccessTokenDocument,
  UsersDocument,
} from "../operations/generated/graphql.ts";
import { type Cluster, createCluster, type Postgres } from "./postgres.ts";
import { startDatabaseHaproxy } from "./proxies.ts";

vi.setConfig({ testTimeout: minutes(4), hookTimeout: minutes(3) });

const user = { username: "marguerite", password: "correct horse battery staple" };
const writers = 4;

let cluster: Cluster;
let a: Postgres;
let b: Postgres;
let server: Served;
let url: string;
let closeProxies: (() => Promise<unknown>)[];

beforeEach(async () => {
  closeProxies = [];
  cluster = await createCluster();
  a = await cluster.createPrimary("a");
  await a.query("create role haproxy login connection limit 10");
  b = await a.createStandby("b");
  // After the copy, which would otherwise wait for itself once it is promoted.
  await a.query("alter system set synchronous_standby_names = 'b'");
  await a.query("select pg_reload_conf()");
  await until(
    async () => (await a.query("select from pg_stat_replication where sync_state = 'sync'")).length > 0,
  );
});
afterEach(async () => {
  await server?.kill();
  for (const close of closeProxies) await close();
  await cluster?.remove();
});

const serveBehind = async (environment: NodeJS.ProcessEnv): Promise<void> => {
  const port = await findFreePort();
  const settings = {
    SESSION_SECRET: randomBytes(32).toString("hex"),
    RATE_LIMITS: withoutLimits,
    EXPLORER: "off",
    LOG_LEVEL: "info",
    ...environment,
  };
  const create = ["user", "create", "--username", user.username, "--role", "ADMIN", "--password-stdin"];
  expect(
    await graphward(create, { environment: { DATABASE_URL: a.url }, input: user.password }),
  ).toMatchObject({ status: 0 });
  server = await serve(port, { environment: settings });
  url = `http://127.0.0.1:${port}/graphql`;
};

const startHaproxy = async () => {
  const [port, replicaPort] = [await findFreePort(), await findFreePort()];
  const proxy = await startDatabaseHaproxy({ port, replicaPort, serverPorts: [a.port, b.port] });
  closeProxies.push(() => proxy.stop());
  const says = (text: string) => until(() => proxy.output().includes(text), `HAProxy's ${text}`);
  // It takes each server for one that is up until its checks say that it is not.
  await says("Server primary/b is DOWN");
  await says("Server replica/a is DOWN");
  const urlOf = (at: number) => `postgres://graphward@127.0.0.1:${at}/graphward`;
  return { primary: urlOf(port), replica: urlOf(replicaPort), says };
};

/** Makes tokens and revokes them as fast as it is answered, and keeps what was acknowledged. Lists too, which must never be wrong. */
const startTraffic = async () => {
  const { token } = await new Client({ url }).logIn(user, "TOKEN");
  const ledger = { made: new Set<string>(), revoked: new Set<string>(), acknowledged: 0, slowest: 0 };
  let isOver = false;
  const measure = async <Value>(ask: () => Promise<Value>): Promise<Value | null> => {
    const start = performance.now();
    const answer = await ask().catch(() => null);
    ledger.slowest = Math.max(ledger.slowest, performance.now() - start);
    return answer;
  };
  const write = async () => {
    const client = new Client({ url }, { token: token ?? null });
    while (!isOver) {
      const input = { name: `t${randomBytes(6).toString("hex")}`, scopes: ["profile:read"] };
      const made = await measure(() => client.run(CreateAccessTokenDocument, { input }));
      const id = made?.data?.createAccessToken?.accessToken.id;
      if (id === undefined) {
        await pass(50);
        continue;
      }
      ledger.acknowledged += 1;
      ledger.made.add(id);
      // Some stay: a user may have fifty.
      if (ledger.made.size <= 15 && randomInt(4) === 0) continue;
      // Nobody knows what became of a revocation that is not acknowledged.
      ledger.made.delete(id);
      const revoked = await measure(() => client.run(RevokeAccessTokenDocument, { id }));
      if (revoked?.status !== 200 || revoked.codes.length > 0) continue;
      ledger.acknowledged += 1;
      ledger.revoked.add(id);
    }
  };
  const list = async () => {
    const client = new Client({ url }, { token: token ?? null });
    for (; !isOver; await pass(50)) {
      const answer = await client.run(UsersDocument, {}).catch(() => null);
      if (answer?.status === 200 && answer.codes.length === 0)
        expect(answer.data?.users?.nodes.map(({ username }) => username)).toContain(user.username);
    }
  };
  const running = [...Array.from({ length: writers }, write), list()];
  return {
    ledger,
    async stop() {
      isOver = true;
      await Promise.all(running);
    },
  };
};

/** The port of the server that a new connection leads to. */
const findPort = async (connectionString: string): Promise<number | undefined> => {
  const client = new pg.Client({ connectionString });
  await client.connect();
  const { rows } = await client.query<{ port: number }>("select inet_server_port() as port");
  await client.end();
  return rows[0]?.port;
};

type Traffic = Awaited<ReturnType<typeof startTraffic>>;

/** Tokens that were made and are not there, or were revoked and are. */
const lostOf = async ({ ledger: { made, revoked } }: Traffic, on: Postgres) => {
  const rows = await on.query<{ id: string }>("select id from graphward.access_tokens", "graphward");
  const stored = new Set(rows.map(({ id }) => id));
  return [...[...made].filter((id) => !stored.has(id)), ...[...revoked].filter((id) => stored.has(id))];
};

/** Resolves with how long nothing was acknowledged after the new primary was there. */
const failOver = async (name: string, lose: () => Promise<void>, lead: () => void = () => undefined) => {
  const traffic = await startTraffic();
  await until(() => traffic.ledger.acknowledged > 50 * writers);
  await lose();
  await b.promote();
  await until(async () => (await b.query("select pg_is_in_recovery() as it"))[0]?.it === false);
  lead();
  const over = performance.now();
  const before = traffic.ledger.acknowledged;
  await until(() => traffic.ledger.acknowledged > before + 2 * writers, "Service");
  const took = performance.now() - over;
  await traffic.stop();
  const lost = await lostOf(traffic, b);
  process.stdout.write(
    `${name}: acknowledged again after ${(took / 1000).toFixed(1)} s; ${traffic.ledger.acknowledged} acknowledged, ` +
      `${lost.length} lost; slowest request ${Math.round(traffic.ledger.slowest)} ms\n`,
  );
  expect(lost).toEqual([]);
  expect(took).toBeLessThan(seconds(15));
  return traffic;
};

test("behind HAProxy, a primary that is killed is replaced by its standby, and stays out when it comes back", async () => {
  const haproxy = await startHaproxy();
  await serveBehind({ DATABASE_URL: haproxy.primary, DATABASE_REPLICA_URL: haproxy.replica });
  await failOver("killed", () => a.kill());

  // It believes to be the primary still. Its standby is gone, so it would acknowledge nothing; but nobody asks it.
  await a.start();
  await haproxy.says("Server primary/a is UP");
  for (let round = 0; round < 4; round += 1) expect(await findPort(haproxy.primary)).toBe(b.port);
  const traffic = await startTraffic();
  await until(() => traffic.ledger.acknowledged > 5 * writers);
  await traffic.stop();
  expect(await lostOf(traffic, b)).toEqual([]);
  expect(await a.query("select from pg_stat_activity where usename = 'graphward'")).toEqual([]);
});

test("behind HAProxy, a primary that vanishes without a reset is replaced by its standby", async () => {
  const haproxy = await startHaproxy();
  await serveBehind({ DATABASE_URL: haproxy.primary });
  // The kernel of its machine still acknowledges what is sent to it.
  await failOver("vanished", () => a.freeze());
});

test("connections that swallow what is sent hold up nothing, when new ones lead to the standby", async () => {
  const proxy: DatabaseProxy = await startDatabaseProxy({ host: "127.0.0.1", port: a.port });
  closeProxies.push(() => proxy.close());
  await serveBehind({ DATABASE_URL: proxy.urlOf(a.url) });
  await failOver(
    "swallowed",
    // New ones hang too, until the address leads elsewhere.
    async () => {
      proxy.silence();
      await a.freeze();
    },
    () => proxy.leadTo({ host: "127.0.0.1", port: b.port }),
  );
});
