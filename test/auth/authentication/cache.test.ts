import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test, vi } from "vitest";
import { createViewerCache } from "../../../src/auth/authentication/cache.ts";
import { createTouches } from "../../../src/auth/authentication/touches.ts";
import { deriveKey } from "../../../src/auth/secrets/derived-key.ts";
import { defaultLifetimes } from "../../../src/auth/sessions/lifetimes.ts";
import { touchSessions } from "../../../src/auth/sessions/rows.ts";
import { createNotices, type NoticeKind } from "../../../src/database/notices/notices.ts";
import { listenOnPostgres } from "../../../src/database/notices/postgres.ts";
import { publishEvent } from "../../../src/database/notices/publish.ts";
import { transact } from "../../../src/database/transaction.ts";
import { createRedisNotices } from "../../../src/redis/notices.ts";
import { days, minutes } from "../../../src/time.ts";
import { Client } from "../../harness/client.ts";
import { answerFromMemory } from "../../harness/database/answers-from-memory.ts";
import { findRedisOfTests } from "../../harness/redis.ts";
import { type App, startApp, startTwoServers, type User } from "../../harness/server.ts";
import {
  LogOutDocument,
  PrivateDocument,
  SessionsDocument,
  ViewerDocument,
} from "../../operations/generated/graphql.ts";

// Two servers on one database.
let here: App;
let there: App;
let admin: pg.Client;
let database: string;
let user: User;
let client: Client;
let elsewhere: Client;

beforeAll(async () => {
  ({ here, there } = await startTwoServers());
  database = here.databaseName;
  admin = new pg.Client({ ...inject("graphwardCluster"), database });
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await here.close();
});

beforeEach(async () => {
  user = await here.createUser();
  client = new Client(here);
  await client.logIn(user);
  elsewhere = new Client(there, { cookies: client.cookies, token: client.token });
  await expect.poll(() => isRemembered(client)).toBe(true);
  await expect.poll(() => isRemembered(elsewhere)).toBe(true);
});

const isRemembered = async (caller: Client): Promise<boolean> => {
  await caller.run(PrivateDocument);
  const answer = await answerFromMemory(admin, () => caller.run(PrivateDocument));
  return answer !== null && answer.codes.length === 0;
};

const isRefused = async (caller: Client) => (await caller.run(PrivateDocument)).status === 401;

test("a private query by token and by cookie asks the database nothing once the viewer is known", async () => {
  const withCookie = new Client(here, { cookies: client.cookies });
  await withCookie.run(PrivateDocument);
  expect(await isRemembered(client)).toBe(true);
  expect(await isRemembered(withCookie)).toBe(true);
});

test("a token that is remembered is no cookie", async () => {
  const withToken = new Client(here, { token: client.token });
  expect(await isRemembered(withToken)).toBe(true);
  const asCookie = new Client(here, { cookies: new Map([["graphward", client.token ?? ""]]) });
  expect((await asCookie.run(ViewerDocument)).data?.viewer).toBeNull();
});

describe("a revocation", () => {
  test("holds at once on the server that did it", async () => {
    for (let count = 0; count < 30; count += 1) {
      const caller = new Client(here);
      await caller.logIn(user);
      await caller.run(PrivateDocument);
      const captured = new Client(here, { token: caller.token });
      await caller.run(LogOutDocument);
      expect(await isRefused(captured)).toBe(true);
    }
  });

  test("by logout holds on every other server, for both credentials", async () => {
    const withCookie = new Client(there, { cookies: elsewhere.cookies });
    expect((await withCookie.run(ViewerDocument)).data?.viewer).not.toBeNull();
    await client.run(LogOutDocument);
    await expect.poll(() => isRefused(elsewhere)).toBe(true);
    await expect.poll(async () => (await withCookie.run(ViewerDocument)).data?.viewer).toBeNull();
  });

  test.each([
    ["a deleted session", "delete from sessions where user_id = $1"],
    ["a deactivated user", "update users set is_active = false where id = $1"],
    ["a deleted user", "delete from users where id = $1"],
    ["an expired session", "update sessions set idle_expires_at = now() where user_id = $1"],
    [
      "a session given to another credential",
      "update sessions set token_digest = '\\x00' where user_id = $1",
    ],
  ])("by hand holds on every server: %s", async (_name, statement) => {
    await admin.query(statement, [user.id]);
    await expect.poll(() => isRefused(client)).toBe(true);
    await expect.poll(() => isRefused(elsewhere)).toBe(true);
  });

  test("of every session at once holds on every server", async () => {
    await admin.query("truncate sessions cascade");
    await expect.poll(() => isRefused(client)).toBe(true);
    await expect.poll(() => isRefused(elsewhere)).toBe(true);
  });

  test("of more users than a notice may name holds for all of them", async () => {
    const users = await Promise.all(Array.from({ length: 3 }, () => here.createUser()));
    const callers = await Promise.all(
      users.map(async (it) => {
        const caller = new Client(here);
        await caller.logIn(it, "TOKEN");
        await caller.run(PrivateDocument);
        return caller;
      }),
    );
    await admin.query(
      `insert into users (id, username, canonical_username)
       select gen_random_uuid(), 'bulk' || n, 'bulk' || n from generate_series(1, 200) n`,
    );
    await admin.query("update users set is_active = false");
    for (const caller of callers) await expect.poll(() => isRefused(caller)).toBe(true);
    await admin.query("update users set is_active = true");
  });

  test("of a role, and a new name, are seen everywhere", async () => {
    await admin.query("update users set username = 'renamed', roles = '{AUDITOR}' where id = $1", [user.id]);
    await expect
      .poll(async () => (await elsewhere.run(ViewerDocument)).data?.viewer?.username)
      .toBe("renamed");
  });
});

test("a login on another device is no revocation, and lastLoginAt is told anew", async () => {
  const before = (await elsewhere.run(ViewerDocument)).data?.viewer?.lastLoginAt ?? "";
  await new Client(here).logIn(user);
  expect(Date.parse((await elsewhere.run(ViewerDocument)).data?.viewer?.lastLoginAt ?? "")).toBeGreaterThan(
    Date.parse(before),
  );
  expect(await isRemembered(elsewhere)).toBe(true);
});

test("a use is written down soon, and prolongs the session", async () => {
  await admin.query(
    "update sessions set last_used_at = now() - interval '2 minutes', idle_expires_at = now() + interval '1 hour' where user_id = $1",
    [user.id],
  );
  const read = async () => (await client.run(SessionsDocument)).data?.sessions?.[0];
  await expect
    .poll(async () => Date.now() - Date.parse((await read())?.lastUsedAt ?? ""))
    .toBeLessThan(60_000);
  expect(Date.parse((await read())?.expiresAt ?? "")).toBeGreaterThan(Date.now() + 86_400_000);
});

describe("a server that cannot hear", () => {
  const listenerPids = async (): Promise<number[]> => {
    const { rows } = await admin.query<{ pid: number }>(
      "select pid from pg_stat_activity where datname = $1 and (query ilike 'listen graphward%' or query ilike 'select count(*)::int from pg_trigger%' or query = $$select 'relays notices'$$)",
      [database],
    );
    return rows.map(({ pid }) => pid);
  };

  let stopped: number[] = [];
  afterEach(() => {
    for (const pid of stopped) process.kill(pid, "SIGCONT");
    stopped = [];
  });

  test("because its listener was cut serves nothing that was revoked meanwhile, and hears again by itself", async () => {
    const pids = await listenerPids();
    expect(pids).toHaveLength(findRedisOfTests() === null ? 2 : 1);
    await admin.query("select pg_terminate_backend(pid) from unnest($1::int[]) as pid", [pids]);
    await admin.query("delete from sessions where user_id = $1", [user.id]);
    await expect.poll(() => isRefused(client)).toBe(true);
    await expect.poll(() => isRefused(elsewhere)).toBe(true);
    client.token = null;
    await client.logIn(user);
    await expect.poll(() => isRemembered(client)).toBe(true);
  });

  test("because its listener stalls without a word stops trusting its memory within its bound", async () => {
    stopped = await listenerPids();
    for (const pid of stopped) process.kill(pid, "SIGSTOP");
    await admin.query("delete from sessions where user_id = $1", [user.id]);
    await expect.poll(() => isRefused(client)).toBe(true);
    await expect.poll(() => isRefused(elsewhere)).toBe(true);
  });

  test("still forgets at once what it revokes itself", async () => {
    stopped = await listenerPids();
    for (const pid of stopped) process.kill(pid, "SIGSTOP");
    const captured = new Client(here, { token: client.token });
    await captured.run(PrivateDocument);
    await client.run(LogOutDocument);
    expect(await isRefused(captured)).toBe(true);
  });

  test("still forgets at once whose session a login replaced, or made room of", async () => {
    stopped = await listenerPids();
    for (const pid of stopped) process.kill(pid, "SIGSTOP");
    const browser = new Client(here);
    await browser.logIn(user);
    const replaced = new Client(here, { token: browser.token });
    await replaced.run(PrivateDocument);
    browser.token = null;
    await browser.logIn(await here.createUser());
    expect(await isRefused(replaced)).toBe(true);

    await client.run(PrivateDocument);
    await admin.query("update sessions set last_used_at = now() - interval '1 day' where user_id = $1", [
      user.id,
    ]);
    await admin.query(
      `insert into sessions (id, user_id, idle_expires_at, absolute_expires_at)
       select gen_random_uuid(), $1, now() + interval '1 day', now() + interval '1 day' from generate_series(1, 99)`,
      [user.id],
    );
    await new Client(here).logIn(user, "TOKEN");
    expect(await isRefused(client)).toBe(true);
  });

  test("because the triggers are off keeps nothing in memory", async () => {
    const deaf = await startApp();
    const { host, port, user: role, password } = inject("graphwardCluster");
    const name = deaf.databaseName;
    const owner = new pg.Client({ host, port, user: role, password, database: name });
    await owner.connect();
    await owner.query("alter table sessions disable trigger sessions_deleted");
    await owner.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()",
      [name],
    );
    const someone = await deaf.createUser();
    const caller = new Client(deaf);
    await expect.poll(() => caller.logIn(someone).then(Boolean, () => false)).toBe(true);

    // Three beats: the server has connected anew, and would have heard two of them.
    let beats = 0;
    owner.on("notification", () => {
      beats += 1;
    });
    await owner.query("listen graphward_revocations");
    await expect.poll(() => beats).toBeGreaterThanOrEqual(3);
    await caller.run(PrivateDocument);
    await caller.run(PrivateDocument);
    await owner.query("delete from sessions where user_id = $1", [someone.id]);
    expect(await isRefused(caller)).toBe(true);
    await owner.end();
    await deaf.close();
  });
});

/** `cut` ends its connection, as a failing network does. */
const createListener = () => {
  const { schema, createClient } = here.server.database;
  let client = createClient();
  const redis = findRedisOfTests();
  const { redis: options, sessionSecrets } = here.config;
  const keys = sessionSecrets.map((it) => deriveKey(it, "notices in Redis"));
  const transport =
    redis === null || options === null
      ? listenOnPostgres({
          schema,
          connect: () => {
            client = createClient();
            return client;
          },
        })
      : createRedisNotices(options, { opened: here.server.database, keys });
  return {
    ...createNotices({ schema, transport, database: here.database, onBeat: null }),
    cut: async () => {
      if (redis === null) client.connection.stream.destroy();
      else await redis.ask("CLIENT", "KILL", "TYPE", "pubsub");
    },
  };
};

test("a listener that begins to hear first has everything forgotten: nobody heard what was revoked before", async () => {
  const revoked: string[] = [];
  const listener = createListener();
  expect(listener.isFresh()).toBe(false);
  listener.listen({ onRevoked: (userId) => revoked.push(userId) });
  expect(listener.isFresh()).toBe(false);
  await expect.poll(() => listener.isFresh()).toBe(true);
  expect(revoked).toContain("*");
  await listener.close();
  expect(listener.isFresh()).toBe(false);
});

test("a listener that is still connecting can be closed: a server that is stopped then must not hang", async () => {
  const silent = createServer((socket) => socket.resume()).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  const connect = () => new pg.Client({ host: "127.0.0.1", port, user: "nobody" });
  const transport = listenOnPostgres({ schema: "graphward", connect });
  const listener = createNotices({ schema: "graphward", transport, database: here.database, onBeat: null });
  listener.listen({});
  await once(silent, "connection");
  await listener.close();
  silent.close();
});

describe("an event", () => {
  const publish = (topic: string, payload: string) => publishEvent(here.database, { topic, payload });

  test("is heard by every consumer, after the revocations that were committed before it", async () => {
    const heard: string[] = [];
    const alsoHeard: string[] = [];
    const listener = createListener();
    listener.listen({
      onRevoked: (userId) => heard.push(userId),
      onEvent: (topic, payload) => heard.push(`${topic} ${payload}`),
    });
    const stop = listener.listen({ onEvent: (topic, payload) => alsoHeard.push(`${topic} ${payload}`) });
    await expect.poll(() => listener.isFresh()).toBe(true);
    heard.length = 0;
    await admin.query("delete from sessions where user_id = $1", [user.id]);
    await publish("TASK_CHANGED", '{"id": "a b"}');
    stop();
    await publish("TASK_CHANGED", "{}");
    await expect.poll(() => heard).toEqual([user.id, 'TASK_CHANGED {"id": "a b"}', "TASK_CHANGED {}"]);
    expect(alsoHeard.length).toBeLessThanOrEqual(1);
    await listener.close();
  });

  test("of a transaction is sent with its commit, and never when it is rolled back", async () => {
    const heard: string[] = [];
    const listener = createListener();
    listener.listen({ onEvent: (_topic, payload) => heard.push(payload) });
    await expect.poll(() => listener.isFresh()).toBe(true);
    const undone = transact(here.database, async (transaction) => {
      await publishEvent(transaction, { topic: "TASK_CHANGED", payload: "undone" });
      throw new Error("rolled back");
    });
    await expect(undone).rejects.toThrow("rolled back");
    await transact(here.database, async (transaction) => {
      await publishEvent(transaction, { topic: "TASK_CHANGED", payload: "done" });
      await publish("TASK_CHANGED", "before");
    });
    await expect.poll(() => heard).toEqual(["before", "done"]);
    await listener.close();
  });

  test("that PostgreSQL would not take, or that is no event, is refused before", async () => {
    await expect(publish("TASK_CHANGED", "x".repeat(7 * 1024))).resolves.toBeUndefined();
    expect(() => publish("TASK_CHANGED", "x".repeat(7 * 1024 + 1))).toThrow("larger than 7168 bytes");
    expect(() => publish("beat it", "")).toThrow("A topic has letters");
  });

  test("is not heard while no beat has come back: a revocation before it may be missing", async () => {
    const heard: string[] = [];
    let bring: (kind: NoticeKind, payload: string) => void = () => undefined;
    // Its transport loses beats.
    const listener = createNotices({
      schema: "graphward",
      transport: {
        connect: async ({ onNotice }) => {
          bring = onNotice;
        },
        disconnect: () => undefined,
      },
      database: here.database,
      onBeat: null,
    });
    listener.listen({
      onEvent: (_topic, payload) => heard.push(payload),
      onRevoked: (userId) => heard.push(userId),
    });
    await expect
      .poll(() => {
        bring("revocation", "somebody");
        return heard;
      })
      .toContain("somebody");
    bring("event", "TASK_CHANGED {}");
    expect(heard).not.toContain("{}");
    await listener.close();
  });

  test("is not heard by consumers that were told of the loss: notices were missed", async () => {
    const heard: string[] = [];
    const listener = createListener();
    listener.listen({
      onLost: () => heard.push("lost"),
      onEvent: (_topic, payload) => heard.push(payload),
    });
    await expect.poll(() => listener.isFresh()).toBe(true);
    await listener.cut();
    await expect.poll(() => heard).toEqual(["lost"]);
    expect(listener.isFresh()).toBe(false);
    await publish("TASK_CHANGED", "missed");
    await expect.poll(() => listener.isFresh()).toBe(true);
    await publish("TASK_CHANGED", "heard");
    await expect.poll(() => heard).toEqual(["lost", "heard"]);
    await listener.close();
  });
});

test("a beat of the future, which any role of the database can send, is trusted no longer than one of now", async () => {
  const heard = new pg.Client({ connectionString: here.config.databaseUrl ?? "" });
  await heard.connect();
  const beat = new Promise<string>((resolve) => {
    heard.on("notification", ({ payload = "" }) => payload.startsWith("beat ") && resolve(payload));
  });
  let bring: (kind: NoticeKind, payload: string) => void = () => undefined;
  const listener = createNotices({
    schema: "of_the_future",
    transport: {
      connect: async ({ onNotice }) => {
        bring = onNotice;
      },
      disconnect: () => undefined,
    },
    database: here.database,
    onBeat: null,
  });
  await heard.query("listen of_the_future_revocations");
  listener.listen({});
  const text = (await beat).replace(/[^ ]+$/, String(performance.now() + minutes(1)));
  await expect
    .poll(() => {
      bring("revocation", text);
      return listener.isFresh();
    })
    .toBe(true);
  await expect.poll(() => listener.isFresh()).toBe(false);
  await listener.close();
  await heard.end();
});

test("VIEWER_CACHE=off asks the database every time", async () => {
  const plain = await startApp({ VIEWER_CACHE: "off", DATABASE_URL: here.config.databaseUrl ?? "" });
  const caller = new Client(plain, { token: client.token });
  expect((await caller.run(PrivateDocument)).codes).toEqual([]);
  await admin.query("delete from sessions where user_id = $1", [user.id]);
  expect(await isRefused(caller)).toBe(true);
  await plain.close();
});

describe("the memory of viewers", () => {
  const found = {
    viewer: {
      userId: "user",
      hasProvenFactor: false,
      sessionId: "session",
      accessToken: null,
      impersonatorId: null,
      roles: [],
      permissions: [],
      user: {
        id: "user",
        username: "u",
        displayName: null,
        locale: null,
        email: null,
        roles: [],
        permissions: [],
        createdAt: new Date(0),
        emailVerified: true,
        hasSecondFactor: false,
      },
    },
    idleLifetime: days(30),
    idleLeft: 60_000,
    absoluteLeft: 60_000,
    touchIsDue: false,
  };
  const create = ({ isFresh }: { isFresh: () => boolean } = { isFresh: () => true }) =>
    createViewerCache({ isFresh, onUse: () => undefined });

  test("never stores what was read across a revocation, whoever's it was", () => {
    const cache = create();
    const before = cache.generation();
    cache.forget("somebody else");
    cache.store("key", found, before);
    expect(cache.find("key")).toBeNull();
    cache.store("key", found, cache.generation());
    expect(cache.find("key")).toBe(found.viewer);
  });

  test("neither stores nor serves while it could not hear, nor afterwards what it had", () => {
    let fresh = true;
    const cache = create({ isFresh: () => fresh });
    cache.store("key", found, cache.generation());
    fresh = false;
    cache.store("other", found, cache.generation());
    expect([cache.find("key"), cache.find("other")]).toEqual([null, null]);
    fresh = true;
    expect([cache.find("key"), cache.find("other")]).toEqual([null, null]);
    fresh = false;
    cache.store("unasked", found, cache.generation());
    fresh = true;
    expect(cache.find("unasked")).toBeNull();
  });

  const createWithClock = () => {
    const clock = { now: 0 };
    const touched: (string | null)[] = [];
    const cache = createViewerCache({
      isFresh: () => true,
      onUse: (viewer) => touched.push(viewer.sessionId),
      now: () => clock.now,
    });
    return { clock, touched, cache };
  };

  test.each(["idleLeft", "absoluteLeft"] as const)("ends with %s", (left) => {
    const { clock, cache } = createWithClock();
    cache.store("key", { ...found, [left]: 1000 }, cache.generation());
    clock.now = 999;
    expect(cache.find("key")).toBe(found.viewer);
    clock.now = 1000;
    expect(cache.find("key")).toBeNull();
  });

  test("is counted down by a clock that nobody can set", async () => {
    const cache = create();
    cache.store("key", { ...found, absoluteLeft: 1 }, cache.generation());
    vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(1999, 0) });
    await expect.poll(() => cache.find("key")).toBeNull();
    vi.useRealTimers();
  });

  test("tells of a use once a minute, which prolongs the session to its absolute end at most", () => {
    const { clock, touched, cache } = createWithClock();
    cache.store("key", { ...found, idleLeft: 90_000, absoluteLeft: 200_000 }, cache.generation());
    for (clock.now = 0; clock.now < 60_000; clock.now += 10_000) cache.find("key");
    expect(touched).toEqual([]);
    for (; clock.now < 200_000; clock.now += 10_000) expect(cache.find("key")).toBe(found.viewer);
    expect(touched).toEqual(["session", "session", "session"]);
    expect(cache.find("key")).toBeNull();
  });
});

test("uses that wait are written down together, and before the server ends", async () => {
  await new Client(here).logIn(user);
  await admin.query(
    `update sessions set last_used_at = now() - interval '2 minutes', idle_expires_at = now() + interval '1 hour',
     absolute_expires_at = now() + interval '20 days' where user_id = $1`,
    [user.id],
  );
  const read = () =>
    here.database.selectFrom("sessions").selectAll().where("user_id", "=", user.id).execute();
  const touches = createTouches((ids) => touchSessions(here.database, ids, defaultLifetimes));
  for (const { id } of await read()) touches.touchSoon(id);
  await touches.close();
  for (const row of await read()) {
    expect(Date.now() - row.last_used_at.getTime()).toBeLessThan(60_000);
    expect(row.idle_expires_at).toEqual(row.absolute_expires_at);
  }
});
