import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { minutes } from "../../src/time.ts";
import { Client } from "../harness/client.ts";
import { createDatabase, type TestDatabase } from "../harness/database/database.ts";
import { type DatabaseProxy, startDatabaseProxy } from "../harness/database/proxy.ts";
import { until } from "../harness/mail/mail.ts";
import { readMessages } from "../harness/mail/outbox.ts";
import { type App, startApp, type User } from "../harness/server.ts";
import { LogInDocument, PrivateDocument, RegisterDocument } from "../operations/generated/graphql.ts";

/** Milliseconds, beside what the same requests take without a fault: this machine may be busy. */
const bound = 5000;
let calm = 0;

let copy: TestDatabase;
let proxy: DatabaseProxy;
let app: App;
let user: User;
let client: Client;
let registered = 0;

beforeAll(async () => {
  copy = await createDatabase();
  proxy = await startDatabaseProxy();
  // Without the cache, every private request asks the database.
  app = await startApp({ DATABASE_URL: proxy.urlOf(copy.url), VIEWER_CACHE: "off" });
  user = await app.createUser();
  client = new Client(app);
  await client.logIn(user);
});
afterAll(async () => {
  await app.close();
  await proxy.close();
  await copy.drop();
});

interface Timed {
  readonly status: number;
  readonly took: number;
}

const timed = async (ask: () => Promise<{ readonly status: number }>): Promise<Timed> => {
  const start = performance.now();
  const { status } = await ask();
  return { status, took: performance.now() - start };
};

const logIn = () => new Client(app).run(LogInDocument, user);
const readPrivately = () => client.run(PrivateDocument);
/** Several statements, one after the other, in a transaction. */
const register = async () => {
  registered += 1;
  const username = `silent-${registered}`;
  const input = { username, email: `${username}@example.org`, password: "correct horse battery staple" };
  return new Client(app).run(RegisterDocument, { input });
};

/** More at once than the pool has connections. */
const askAll = async (): Promise<readonly Timed[]> =>
  Promise.all([logIn, readPrivately, register].flatMap((ask) => Array.from({ length: 4 }, () => timed(ask))));

/** Opens the connections of the pool. */
const askCalmly = async () => {
  calm = Math.max(...(await askAll()).map(({ took }) => took));
};

const expectInTime = (answers: readonly Timed[]) => {
  for (const { status, took } of answers) {
    expect([200, 503]).toContain(status);
    expect(took).toBeLessThan(bound + 2 * calm);
  }
};

const untilServed = async () => {
  const start = performance.now();
  await until(async () => (await timed(logIn)).status === 200 || null);
  expect(performance.now() - start).toBeLessThan(bound + 2 * calm);
};

const untilAllServed = () => until(async () => (await askAll()).every(({ status }) => status === 200));

describe("every request ends within 5 s, and service returns by itself,", () => {
  test(
    "when all established connections fall silent",
    async () => {
      await askCalmly();
      const before = proxy.count();
      expect(before).toBeGreaterThan(4);
      proxy.silence();
      const answers = await askAll();
      expectInTime(answers);
      expect(answers.some(({ status }) => status === 503)).toBe(true);
      await untilAllServed();
      // The queue of mail had connections too.
      const last = `silent-${registered}@example.org`;
      const isSent = async () =>
        (await readMessages(app.config.dataDir)).some((message) => message.includes(last));
      // If a connection has fallen silent with its job, another one gets it after three minutes.
      await expect.poll(isSent, { timeout: minutes(4) }).toBe(true);
    },
    minutes(5),
  );

  test.each([1, 5])(
    "when %i of them fall silent: each costs one request its timeout at most",
    async (count) => {
      await askCalmly();
      proxy.silence(count);
      const answers = await askAll();
      expectInTime(answers);
      await until(async () => (await timed(logIn)).status === 200 || null);
      await untilAllServed();
    },
  );

  test("when the database is frozen, and new connections get no reply either", async () => {
    await askCalmly();
    proxy.freeze();
    try {
      expectInTime(await askAll());
      // By now the silence is known.
      const answers = await askAll();
      expectInTime(answers);
      expect(answers.every(({ status }) => status === 503)).toBe(true);
      const told = app.log
        .map((line) => JSON.parse(line))
        .filter((it) => it.msg === "requests answered with 503");
      expect(told.length).toBeGreaterThan(0);
      // Far fewer than the requests, and none without a cause.
      expect(told.length).toBeLessThan(answers.length);
      for (const line of told)
        expect(line).toMatchObject({
          level: 50,
          pool: "requests",
          reason: "timeout",
          requestId: expect.any(String),
        });
      const counted = told.reduce((sum, { requests }) => sum + requests, 0);
      expect(counted).toBeGreaterThan(told.length);
    } finally {
      proxy.thaw();
    }
    await untilServed();
    await untilAllServed();
  });

  test("when each reply comes late: a request of many statements waits for them no longer than for silence", async () => {
    await askCalmly();
    // Each is in time alone: a login has five of them, a registration ten.
    proxy.delay(750);
    try {
      const answers = await askAll();
      expectInTime(answers);
      expect(answers.some(({ status }) => status === 503)).toBe(true);
    } finally {
      proxy.delay(0);
    }
    await untilAllServed();
  });

  test("when all connections are reset", async () => {
    await askCalmly();
    proxy.reset();
    expectInTime(await askAll());
    await untilServed();
  });
});

test("an idle connection is probed by TCP keep-alive within 15 s, so that a lost one is noticed", async () => {
  // Elsewhere nothing shows the timers of a connection.
  if (process.platform !== "linux") return;
  await readPrivately();
  const port = Number(new URL(app.config.databaseUrl ?? "").port);
  const ours = (await readFile("/proc/net/tcp", "utf8"))
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(
      ([, , remote = "", state]) =>
        remote.endsWith(`:${port.toString(16).toUpperCase().padStart(4, "0")}`) && state === "01",
    );
  expect(ours.length).toBeGreaterThan(0);
  for (const [, , , , , timer = ""] of ours) {
    const [kind, left = ""] = timer.split(":");
    // 2 is the timer of keep-alive; its time is in hundredths of a second.
    expect([kind, Number.parseInt(left, 16) / 100 <= 15]).toEqual(["02", true]);
  }
});
