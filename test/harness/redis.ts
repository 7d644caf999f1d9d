// Redis of Debian for a file of tests: with it, every server that the file starts uses it.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createClient } from "@redis/client";
import { findFreePort } from "../../src/testing/ports.ts";

export interface TestRedis {
  readonly url: string;
  readonly port: number;
  /** Any command, as redis-cli takes it. */
  ask(...words: readonly string[]): Promise<unknown>;
  freeze(): void;
  thaw(): void;
  /** As a crash does: nothing is kept. */
  kill(): Promise<void>;
  /** Again, at the same place, empty. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export const startRedis = async (...settings: readonly string[]): Promise<TestRedis> => {
  const port = await findFreePort();
  const url = `redis://127.0.0.1:${port}`;
  let child: ChildProcess;
  const start = async () => {
    const options = [
      "--bind",
      "127.0.0.1",
      "--save",
      "",
      "--appendonly",
      "no",
      "--maxmemory-policy",
      "noeviction",
    ];
    child = spawn("redis-server", ["--port", String(port), ...options, ...settings], { stdio: "ignore" });
    const failure = once(child, "error").then(([error]) => {
      throw error;
    });
    while (!(await Promise.race([isReady(url), failure])));
  };
  const kill = async () => {
    const ended = once(child, "exit");
    child.kill("SIGCONT");
    child.kill("SIGKILL");
    await ended;
  };
  await start();
  return {
    url,
    port,
    ask: (...words) => withClient(url, (client) => client.sendCommand([...words])),
    freeze: () => void child.kill("SIGSTOP"),
    thaw: () => void child.kill("SIGCONT"),
    kill,
    restart: () => start(),
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) await kill();
    },
  };
};

let redisOfTests: TestRedis | null = null;

/** Before the first server is started. */
export const serveWithRedis = (redis: TestRedis): void => {
  redisOfTests = redis;
};

export const findRedisOfTests = (): TestRedis | null => redisOfTests;

/** All servers of a database share what they count. */
export const redisSettings = (databaseName: string): NodeJS.ProcessEnv =>
  redisOfTests === null ? {} : { REDIS_URL: redisOfTests.url, REDIS_PREFIX: prefixOf(databaseName) };

export const prefixOf = (databaseName: string): string =>
  databaseName
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "-")
    .slice(-40)
    .replace(/^[-]+/, "x");

/** As if Redis had run for days: a budget counts there only after it would be new anyway. */
export const rememberForDays = async (redis: TestRedis, prefix: string): Promise<void> => {
  const [, runId = ""] = /^run_id:(\w+)/m.exec(String(await redis.ask("INFO", "server"))) ?? [];
  await redis.ask("HSET", `${prefix}:memory`, "run", runId, "since", "1");
};

const clientOf = (url: string) => createClient({ url, socket: { reconnectStrategy: false } });

const withClient = async <Value>(
  url: string,
  work: (client: ReturnType<typeof clientOf>) => Promise<Value>,
): Promise<Value> => {
  const client = clientOf(url);
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    if (client.isOpen) client.destroy();
  }
};

const isReady = (url: string): Promise<boolean> =>
  withClient(url, async (client) => (await client.ping()) === "PONG").catch(
    // It asks for a password that only the test knows.
    (error: unknown) => error instanceof Error && error.message.startsWith("NOAUTH"),
  );
