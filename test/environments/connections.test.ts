// Connections between a proxy and the server: kept, idle, and drained in a rolling restart. RUNS_FACTOR=10 makes 20 rounds.
import { randomBytes } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { minutes } from "../../src/time.ts";
import { Client } from "../harness/client.ts";
import { openKeptConnection } from "../harness/connections/kept-connection.ts";
import { createDatabase, type TestDatabase } from "../harness/database/database.ts";
import { graphward, type Served, serve } from "../harness/process.ts";
import { manyRuns } from "../harness/runs.ts";
import { findFreePort, withoutLimits } from "../harness/server.ts";
import { PrivateDocument } from "../operations/generated/graphql.ts";
import { proxies } from "./proxies.ts";

const user = { username: "marguerite", password: "correct horse battery staple" };
const publicQuery = '{"query":"{ public { message } }"}';

let copy: TestDatabase;
let environment: NodeJS.ProcessEnv;
beforeAll(async () => {
  copy = await createDatabase();
  environment = {
    NODE_ENV: "production",
    HOST: "127.0.0.1",
    DATABASE_URL: copy.url,
    SESSION_SECRET: randomBytes(32).toString("hex"),
    AUDIT_KEY: randomBytes(32).toString("hex"),
    PUBLIC_URL: "https://api.example.com",
    RATE_LIMITS: withoutLimits,
    LOG_LEVEL: "info",
  };
  const create = ["user", "create", "--username", user.username, "--password-stdin"];
  expect(await graphward(create, { environment, input: user.password })).toMatchObject({ status: 0 });
});
afterAll(() => copy?.drop());

const startServers = async (settings: NodeJS.ProcessEnv) => {
  const ports = [await findFreePort(), await findFreePort()];
  const start = (port: number) => serve(port, { environment: { ...environment, ...settings } });
  const servers = new Map<number, Served>();
  for (const port of ports) servers.set(port, await start(port));
  return {
    ports,
    async restart(port: number) {
      expect((await servers.get(port)?.stop("SIGTERM"))?.status).toBe(0);
      const served = await start(port);
      servers.set(port, served);
      // Ready is not enough: the proxy must have seen it before the next one may go.
      while (!served.output.stdout.includes('"path":"/graphql"')) await setTimeout(50);
    },
    async stop() {
      for (const server of servers.values()) await server.stop("SIGTERM");
    },
  };
};

/** Sends queries until it is told to stop. Counts those with a response, and names what else happened. */
const load = (url: string, token: string | null) => {
  const result = { succeeded: 0, failures: [] as string[] };
  let isOver = false;
  const ask = async (count: number) => {
    const client = new Client({ url }, { token: count % 2 === 0 ? token : null });
    const answer = await (count % 2 === 0 ? client.run(PrivateDocument) : client.post(publicQuery));
    if (answer.status === 200 && answer.codes.length === 0) result.succeeded += 1;
    else result.failures.push(`${answer.status} ${answer.text.slice(0, 100)}`);
  };
  const work = async () => {
    for (let count = 0; !isOver; count += 1) {
      await ask(count).catch((error: unknown) => result.failures.push(String(error)));
      await setTimeout(10);
    }
  };
  const workers = Array.from({ length: 8 }, work);
  return async () => {
    isOver = true;
    await Promise.all(workers);
    return result;
  };
};

describe.each(["nginx", "HAProxy"] as const)("behind %s", (name) => {
  test(
    "a rolling restart of two servers under load loses no request",
    async () => {
      const servers = await startServers({ SHUTDOWN_DELAY: "2s" });
      // Shorter than the delay: nginx has no idle connection left to choose when a server ends.
      const settings = { port: await findFreePort(), serverPorts: servers.ports, idle: "1s" };
      const proxy = await proxies[name](settings);
      const { token } = await new Client(proxy).logIn(user, "TOKEN");
      const stopLoad = load(proxy.url, token ?? null);
      for (let round = 0; round < manyRuns(2); round += 1)
        for (const port of servers.ports) await servers.restart(port);
      const { succeeded, failures } = await stopLoad();
      process.stdout.write(`${name}: ${succeeded} of ${succeeded + failures.length} requests succeeded\n`);
      expect(failures, proxy.output()).toEqual([]);
      expect(succeeded).toBeGreaterThan(100);
      await proxy.stop();
      await servers.stop();
    },
    manyRuns(minutes(5)),
  );
});

describe("a connection that was idle", () => {
  /** Each on a connection of its own, after an idle time between the two in milliseconds. */
  const askAfterIdle = async (
    ask: (index: number) => Promise<number>,
    { connections, rounds, idle }: { connections: number; rounds: number; idle: readonly [number, number] },
  ) => {
    const statuses: number[] = [];
    const [from, to] = idle;
    const work = async (index: number) => {
      await ask(index);
      for (let round = 0; round < rounds; round += 1) {
        await setTimeout(from + ((to - from) * ((index * 7 + round * 3) % connections)) / connections);
        statuses.push(await ask(index));
      }
    };
    await Promise.all(Array.from({ length: connections }, (_, index) => work(index)));
    return statuses;
  };

  test("is never reset before its announced time is over: 500 requests around it", async () => {
    const port = await findFreePort();
    const server = await serve(port, { environment: { ...environment, KEEP_ALIVE: "2s" } });
    const kept = Array.from({ length: 100 }, () => openKeptConnection({ server: { port } }));
    const ask = async (index: number) => (await kept[index]?.post(publicQuery))?.status ?? 0;
    const statuses = await askAfterIdle(ask, { connections: 100, rounds: 5, idle: [1_000, 2_050] });
    expect(statuses).toEqual(Array.from({ length: 500 }, () => 200));
    for (const connection of kept) connection.close();
    await server.stop("SIGTERM");
  });

  test("is never used too late by nginx, which keeps it for a shorter time: 500 requests around it", async () => {
    const servers = await startServers({ KEEP_ALIVE: "3s" });
    const proxy = await proxies.nginx({ port: await findFreePort(), serverPorts: servers.ports, idle: "2s" });
    const ask = async () => (await new Client(proxy).post(publicQuery)).status;
    const statuses = await askAfterIdle(ask, { connections: 50, rounds: 10, idle: [1_800, 2_200] });
    expect(statuses).toEqual(Array.from({ length: 500 }, () => 200));
    await proxy.stop();
    await servers.stop();
  });

  test("for 12 seconds, longer than a client has for its headers, is still open", async () => {
    const servers = await startServers({});
    const proxy = await proxies.nginx({ port: await findFreePort(), serverPorts: servers.ports });
    const ask = async () => (await new Client(proxy).post(publicQuery)).status;
    const statuses = await askAfterIdle(ask, { connections: 120, rounds: 2, idle: [6_000, 12_000] });
    expect(statuses).toEqual(Array.from({ length: 240 }, () => 200));
    await proxy.stop();
    await servers.stop();
  });
});
