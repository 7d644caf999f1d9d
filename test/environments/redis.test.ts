import { createHmac, createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test, vi } from "vitest";
import { deriveKey } from "../../src/auth/secrets/derived-key.ts";
import { reviewRedis } from "../../src/cli/check/redis.ts";
import { readConfig } from "../../src/config/config.ts";
import { createNotices } from "../../src/database/notices/notices.ts";
import type { RedisOptions } from "../../src/redis/client.ts";
import { createRedisNotices } from "../../src/redis/notices.ts";
import { minutes, seconds } from "../../src/time.ts";
import { clientAt } from "../harness/addressed-client.ts";
import { Client } from "../harness/client.ts";
import { endCounts, forgetCounts, readCounts } from "../harness/counts.ts";
import { createDatabase } from "../harness/database/database.ts";
import { graphward, serve } from "../harness/process.ts";
import { prefixOf, rememberForDays, serveWithRedis, startRedis, type TestRedis } from "../harness/redis.ts";
import { type App, findFreePort, startApp, startTwoServers, type User } from "../harness/server.ts";
import { LogInDocument, LogOutDocument, PrivateDocument } from "../operations/generated/graphql.ts";
import { type Authority, createAuthority } from "./certificates.ts";

const redis = await startRedis();
serveWithRedis(redis);
const secret = "of both servers in this test, and of no other";

let here: App;
let there: App;
let user: User;

beforeAll(async () => {
  const environment = { RATE_LIMITS: "", TRUST_PROXY: "1", SESSION_SECRET: secret };
  ({ here, there } = await startTwoServers(environment));
});
afterAll(async () => {
  await here.close();
  await redis.stop();
});

/** Well, known for days, and empty. */
const heal = async () => {
  redis.thaw();
  await redis.ask("PING").catch(() => redis.restart());
  await redis.ask("CONFIG", "SET", "maxmemory", "0");
  await redis.ask("CONFIG", "SET", "maxmemory-policy", "noeviction");
  await redis.ask("FLUSHALL");
  await rememberForDays(redis, prefixOf(here.databaseName));
  await forgetCounts(here);
  await expect.poll(countsInRedis).toBe(true);
  await forgetCounts(here);
};

beforeEach(async () => {
  await heal();
  user = await here.createUser();
});

/** Both servers. */
const countsInRedis = async (): Promise<boolean> => {
  for (const server of [here, there]) {
    await forgetCounts(here);
    await tryTo(server, `asked-${randomBytes(4).toString("hex")}`);
    if ((await here.database.selectFrom("rate_limits").select("key").execute()).length > 0) return false;
  }
  return true;
};

const wrong = "a password that nobody has";

/** From an IP of its own. Every request ends within five seconds, whatever Redis does. */
const tryTo = async (server: App, username: string, password = wrong) => {
  const start = performance.now();
  const answer = await clientAt(server).run(LogInDocument, { username, password });
  expect(performance.now() - start).toBeLessThan(seconds(5));
  return answer.codes[0] ?? "OK";
};

/** How many of `count` guesses were checked, on both servers in turn. */
const guess = async (username: string, count: number): Promise<number> => {
  let checked = 0;
  for (let index = 0; index < count; index += 1) {
    const code = await tryTo(index % 2 === 0 ? here : there, username);
    expect(["INVALID_CREDENTIALS", "RATE_LIMITED"]).toContain(code);
    if (code === "INVALID_CREDENTIALS") checked += 1;
  }
  return checked;
};

const faults: readonly [name: string, make: () => Promise<void> | void][] = [
  ["killed", () => redis.kill()],
  ["frozen", () => redis.freeze()],
  ["wiped", async () => void (await redis.ask("FLUSHALL"))],
  ["full", async () => void (await redis.ask("CONFIG", "SET", "maxmemory", "1"))],
  ["restarted", async () => redis.kill().then(() => redis.restart())],
];

describe("budgets of a Redis that is", () => {
  describe("gone or forgetful are spent twice at most, and a wait goes on:", () => {
    test.each(faults)("%s", async (_name, make) => {
      // One has four guesses in Redis, the other was told to wait.
      const waiting = await here.createUser();
      expect(await guess(user.username, 4)).toBe(4);
      expect(await guess(waiting.username, 7)).toBe(5);
      await make();
      // Redis gave four, PostgreSQL gives five.
      expect(await guess(user.username, 8)).toBe(5);
      expect(await guess(waiting.username, 2)).toBe(0);
      expect(await tryTo(here, waiting.username, waiting.password)).toBe("RATE_LIMITED");
      // And everybody else logs in.
      const another = await here.createUser();
      for (const server of [here, there])
        expect(await tryTo(server, another.username, another.password)).toBe("OK");
    });
  });

  test("wiped again and again give nothing more", async () => {
    expect(await guess(user.username, 5)).toBe(5);
    let checked = 0;
    for (let round = 1; round <= 4; round += 1) {
      await redis.ask("FLUSHALL");
      checked += await guess(user.username, 4);
    }
    expect(checked).toBe(5);
  });

  test("wiped grow their waits as if nothing had happened", async () => {
    const waits: (string | null)[] = [];
    for (let round = 1; round <= 3; round += 1) {
      expect(await guess(user.username, 5)).toBe(5);
      const answer = await clientAt(here).run(LogInDocument, { username: user.username, password: wrong });
      waits.push(answer.headers.get("retry-after"));
      await redis.ask("FLUSHALL");
      await rememberForDays(redis, prefixOf(here.databaseName));
      await endCounts(here, (key) => !key.startsWith("login.waits:"));
    }
    expect(waits).toEqual(["60", "120", "240"]);
  });

  test("a Redis of an earlier run is not believed: what it had is an old copy", async () => {
    expect(await guess(user.username, 2)).toBe(2);
    await redis.ask("HSET", `${prefixOf(here.databaseName)}:memory`, "run", "that of before the restart");
    expect(await guess(user.username, 7)).toBe(5);
  });

  test("told to evict are counted in PostgreSQL, and the log says why", async () => {
    await redis.ask("CONFIG", "SET", "maxmemory", "100mb");
    await redis.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
    const line =
      "Redis may evict counts: rate limits count in PostgreSQL until maxmemory-policy is noeviction";
    await expect.poll(() => here.log.some((it) => it.includes(line)), { timeout: 15_000 }).toBe(true);
    await expect.poll(() => there.log.some((it) => it.includes(line)), { timeout: 15_000 }).toBe(true);
    expect(await guess(user.username, 3)).toBe(3);
    const counts = await here.database.selectFrom("rate_limits").select("points").execute();
    expect(counts.map(({ points }) => Number(points))).toContain(3);
  });

  test("frozen hold a request for 200 ms once, not each of them", async () => {
    redis.freeze();
    const start = performance.now();
    await tryTo(here, user.username);
    expect(performance.now() - start).toBeLessThan(seconds(1.5));
    for (let index = 0; index < 20; index += 1) await tryTo(here, `frozen-${index}`);
    // 20 x 200 ms would be 4 seconds.
    expect(performance.now() - start).toBeLessThan(seconds(3));
  });

  test("back count there again by themselves, with what was counted before", async () => {
    expect(await guess(user.username, 3)).toBe(3);
    redis.freeze();
    await tryTo(here, "somebody");
    redis.thaw();
    await expect.poll(countsInRedisOf("thawed")).toBe(true);
    expect(await guess(user.username, 4)).toBe(2);
    const told = (line: string) => here.log.filter((it) => it.includes(line)).length;
    expect(told("Redis does not respond: rate limits count in PostgreSQL")).toBeGreaterThan(0);
    expect(told("Redis responds: rate limits count there")).toBeGreaterThan(0);
  });

  test("full are said to be so in the log, once a minute", async () => {
    await redis.ask("CONFIG", "SET", "maxmemory", "1");
    const told = () =>
      here.log.filter((it) => it.includes("Redis refuses to count: rate limits count in PostgreSQL"));
    for (let index = 0; index < 4; index += 1) await tryTo(here, `full-${index}`);
    expect(told()).toHaveLength(1);
    expect(told()[0]).toContain('"reason":"OOM"');
  });

  test("new are counted in PostgreSQL until their window has passed", async () => {
    await redis.ask("FLUSHALL");
    const prefix = prefixOf(here.databaseName);
    const sinceAgo = async (ago: number) => {
      const [now] = (await redis.ask("TIME")) as [string];
      await redis.ask("HSET", `${prefix}:memory`, "since", String(Number(now) * 1000 - ago));
    };
    const budgets = async () => (await readCounts(here)).map(({ key }) => key.split(":")[0]).toSorted();
    const isInPostgres = async () =>
      (await here.database.selectFrom("rate_limits").select("key").execute()).length > 0;
    await tryTo(here, user.username);
    expect([await isInPostgres(), await budgets()]).toEqual([true, ["login.account", "login.ip"]]);
    await sinceAgo(minutes(14));
    await tryTo(here, "a-minute-too-early");
    expect((await redis.ask("KEYS", `${prefix}:login*`)) as unknown).toEqual([]);
    await sinceAgo(minutes(15));
    await forgetCounts(here);
    await tryTo(here, user.username);
    expect([await isInPostgres(), await budgets()]).toEqual([false, ["login.account", "login.ip"]]);
  });
});

/** Without spending what the test counts. */
const countsInRedisOf = (name: string) => async (): Promise<boolean> => {
  for (const server of [here, there]) {
    const fresh = `${name}-${randomBytes(4).toString("hex")}`;
    const before = (await here.database.selectFrom("rate_limits").select("key").execute()).length;
    await tryTo(server, fresh);
    if ((await here.database.selectFrom("rate_limits").select("key").execute()).length > before) return false;
  }
  return true;
};

test("a login makes two statements, and a wrong password one: what is counted is counted in Redis", async () => {
  const queries = vi.spyOn(pg.Client.prototype, "query");
  const statementsOf = async (act: () => Promise<unknown>) => {
    queries.mockClear();
    await act();
    return queries.mock.calls
      .map(([it]) => String((it as { text?: string }).text ?? it))
      .filter((text) => /"users"|rate_limits/.test(text) && !text.includes("for key share"));
  };
  try {
    expect(await statementsOf(() => tryTo(here, user.username))).toHaveLength(1);
    expect(await statementsOf(() => tryTo(here, user.username, user.password))).toHaveLength(2);
  } finally {
    queries.mockRestore();
  }
});

describe("what Redis holds", () => {
  test("names nobody and no address, and every count ends by itself", async () => {
    await tryTo(here, user.username);
    await tryTo(here, user.username, user.password);
    const prefix = prefixOf(here.databaseName);
    const keys = ((await redis.ask("KEYS", "*")) as string[]).filter((key) => key !== `${prefix}:memory`);
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) {
      expect(key).not.toContain(user.username);
      expect(key).toMatch(/^[a-z0-9-]+:(browsers:)?login\.\w+:[\w-]{43}( [\w-]{43})?$/);
      expect(Number(await redis.ask("PTTL", key))).toBeGreaterThan(0);
    }
  });
});

describe("a revoked credential", () => {
  let client: Client;
  let elsewhere: Client;
  let admin: pg.Client;
  beforeAll(async () => {
    admin = new pg.Client({ ...inject("graphwardCluster"), database: here.databaseName });
    await admin.connect();
  });
  afterAll(() => admin.end());
  beforeEach(async () => {
    client = clientAt(here);
    await client.logIn(user, "TOKEN");
    elsewhere = new Client(there, { token: client.token });
    for (const caller of [client, elsewhere]) await expect.poll(() => isRemembered(caller)).toBe(true);
  });

  const isRemembered = async (caller: Client): Promise<boolean> => {
    await caller.run(PrivateDocument);
    const queries = vi.spyOn(pg.Client.prototype, "query");
    await caller.run(PrivateDocument);
    const asked = queries.mock.calls.some(([it]) =>
      String((it as { text?: string }).text ?? it).includes('"sessions"'),
    );
    queries.mockRestore();
    return !asked;
  };
  const isRefused = async (caller: Client) => {
    const start = performance.now();
    const { status } = await caller.run(PrivateDocument);
    expect(performance.now() - start).toBeLessThan(seconds(5));
    return status === 401;
  };

  test.each(faults)(
    "is served nowhere after three seconds while Redis is %s, and notices come again",
    async (_name, make) => {
      await make();
      await admin.query("delete from sessions where user_id = $1", [user.id]);
      const start = performance.now();
      for (const caller of [client, elsewhere])
        await expect.poll(() => isRefused(caller), { timeout: 3500, interval: 20 }).toBe(true);
      expect(performance.now() - start).toBeLessThan(seconds(5));
      await heal();
      const again = clientAt(here);
      await again.logIn(user, "TOKEN");
      for (const caller of [again, new Client(there, { token: again.token })])
        await expect.poll(() => isRemembered(caller)).toBe(true);
      await again.run(LogOutDocument);
      await expect.poll(() => isRefused(new Client(there, { token: again.token }))).toBe(true);
    },
  );

  test("is served nowhere when a message is lost, or comes from nobody that we know", async () => {
    const channel = `${prefixOf(here.databaseName)}:graphward:notices`;
    // A stranger in Redis revokes nobody, and is no beat: nothing is forgotten.
    for (const text of ["", `${"A".repeat(43)} x 1 revocation *`, "beat"])
      await redis.ask("PUBLISH", channel, text);
    expect(await isRemembered(client)).toBe(true);
    // All notices of a moment are lost, and the next one shows it.
    await redis.ask("CLIENT", "PAUSE", "1", "ALL");
    await redis.ask("CLIENT", "KILL", "TYPE", "pubsub");
    await admin.query("delete from sessions where user_id = $1", [user.id]);
    await expect.poll(() => isRefused(client), { timeout: 3500 }).toBe(true);
    await expect.poll(() => isRefused(elsewhere), { timeout: 3500 }).toBe(true);
  });

  test("needs one connection of its own for all servers, and none but that of the one that relays", async () => {
    const { rows } = await admin.query(
      `select pid from pg_locks where locktype = 'advisory' and granted and
       database = (select oid from pg_database where datname = current_database()) and
       (classid::bigint << 32 | objid::bigint) = hashtextextended('graphward notices', 0)`,
    );
    expect(rows).toHaveLength(1);
  });
});

describe("the messages of a relay", () => {
  const makeKey = () => createSecretKey(randomBytes(32));
  const key = makeKey();
  const messageOf = (text: string, by = key) =>
    `${createHmac("sha256", by).update(text).digest("base64url")} ${text}`;
  const options = { ...readConfig({ REDIS_URL: redis.url, REDIS_PREFIX: "messages" }).redis } as RedisOptions;
  const hearing = async (work: (say: (text: string, by?: KeyObject) => Promise<void>) => Promise<void>) => {
    const heard: string[] = [];
    const keys = [makeKey(), key];
    const transport = createRedisNotices(options, { opened: here.server.database, keys });
    await transport.connect({
      onNotice: (kind, payload) => heard.push(`${kind} ${payload}`),
      onGap: () => heard.push("gap"),
      onEnd: () => heard.push("end"),
    });
    await work(async (text, by) => {
      await redis.ask("PUBLISH", "messages:graphward:notices", messageOf(text, by));
    });
    await redis.ask("PUBLISH", "messages:graphward:notices", messageOf("last 1 revocation last"));
    await expect.poll(() => heard.at(-1)).toBe("revocation last");
    transport.disconnect();
    await transport.settle?.();
    return heard.slice(0, -2);
  };

  test("are heard in order, and another relay, a missing one, a repeated one and the end are gaps", async () => {
    const heard = await hearing(async (say) => {
      for (const text of ["a 7 revocation x", "a 8 event T {} b", "a 10 revocation y", "a 10 revocation y"])
        await say(text);
      for (const text of ["b 11 revocation z", "b 12 end ", "b 13 revocation *"]) await say(text);
    });
    expect(heard).toEqual([
      ...["gap", "revocation x", "event T {} b", "gap", "revocation y", "gap", "revocation y"],
      ...["gap", "revocation z", "gap", "revocation *"],
    ]);
  });

  test("are heard only with a signature of ours: who may publish in Redis cannot say that nothing was revoked", async () => {
    const heard = await hearing(async (say) => {
      await say("a 1 revocation x");
      await say("a 2 revocation forged", makeKey());
      await redis.ask("PUBLISH", "messages:graphward:notices", `${"A".repeat(43)} a 2 revocation forged`);
      await redis.ask("PUBLISH", "messages:graphward:notices", "a 2 revocation forged");
      await say("a 2 revocation y");
    });
    expect(heard).toEqual(["gap", "revocation x", "revocation y"]);
  });
});

test("a server whose process is frozen hands its relay over", { timeout: 60_000 }, async () => {
  const database = await createDatabase();
  const environment = {
    DATABASE_URL: database.url,
    SESSION_SECRET: secret,
    REDIS_URL: redis.url,
    REDIS_PREFIX: prefixOf(database.name),
  };
  const port = await findFreePort();
  // The only server so far: it relays.
  const relay = await serve(port, { environment });
  const app = await startApp({ DATABASE_URL: database.url, SESSION_SECRET: secret });
  try {
    const revoked: string[] = [];
    const lost: number[] = [];
    const options = app.config.redis;
    if (options === null) throw new Error("This test needs Redis.");
    const listener = createNotices({
      schema: "graphward",
      transport: createRedisNotices(options, {
        opened: app.server.database,
        keys: app.config.sessionSecrets.map((it) => deriveKey(it, "notices in Redis")),
      }),
      database: app.database,
      onBeat: null,
    });
    listener.listen({ onRevoked: (it) => revoked.push(it), onLost: () => lost.push(performance.now()) });
    await expect.poll(() => listener.isFresh()).toBe(true);
    process.kill(relay.pid, "SIGSTOP");
    await expect.poll(() => listener.isFresh(), { timeout: 5000 }).toBe(false);
    expect(lost).toHaveLength(1);
    // The database ends the silent connection, and with it the lock.
    await expect.poll(() => listener.isFresh()).toBe(true);
    expect(revoked.at(-1)).toBe("*");
    process.kill(relay.pid, "SIGCONT");
    await listener.close();
  } finally {
    process.kill(relay.pid, "SIGCONT");
    await relay.kill();
    await app.close();
    await database.drop();
  }
});

describe("REDIS_URL", () => {
  let guarded: TestRedis;
  let directory: string;
  afterEach(async () => {
    await guarded?.stop();
    if (directory !== undefined) await rm(directory, { recursive: true, force: true });
  });

  const password = "p@ss:w/rd-of-redis?#%";
  const encoded = encodeURIComponent(password);
  const findingsOf = async (url: string, more: NodeJS.ProcessEnv = {}) =>
    (await reviewRedis(readConfig({ REDIS_URL: url, ...more }))).map(({ name, text }) => `${name}: ${text}`);
  const doesNotWork = (reason: string) => [
    `REDIS_URL: does not work (${reason}): servers start without it, and count rate limits in PostgreSQL`,
  ];

  test("has a password, which no line shows when it is wrong", async () => {
    guarded = await startRedis(
      "--requirepass",
      password,
      "--maxmemory",
      "50mb",
      "--maxmemory-policy",
      "noeviction",
    );
    const place = `127.0.0.1:${guarded.port}`;
    expect(await findingsOf(`redis://:${encoded}@${place}`)).toEqual([]);
    expect(await findingsOf(`redis://:${encoded}x@${place}`)).toEqual(doesNotWork("WRONGPASS"));
    expect(await findingsOf(`redis://${place}`)).toEqual(doesNotWork("NOAUTH"));
    const app = await startApp({ REDIS_URL: `redis://:${encoded}x@${place}` });
    await new Client(app).logIn(await app.createUser());
    expect(
      app.log.some((line) => line.includes("Redis does not respond") && line.includes("WRONGPASS")),
    ).toBe(true);
    expect(app.log.join("")).not.toContain("p@ss");
    await app.close();
  });

  test("stays secret when an old Redis repeats in its error what it does not understand", async () => {
    const old = createServer((socket) => {
      socket.on("data", () =>
        socket.write(`-ERR unknown command \`AUTH\`, with args beginning with: \`${password}\`,\r\n`),
      );
    }).listen(0, "127.0.0.1");
    await once(old, "listening");
    const { port } = old.address() as AddressInfo;
    expect(await findingsOf(`redis://:${encoded}@127.0.0.1:${port}`)).toEqual(doesNotWork("ERR"));
    old.close();
  });

  test("needs no more rights than docs/operating.md gives its user", async () => {
    guarded = await startRedis();
    const page = await readFile(join(import.meta.dirname, "../../docs/operating.md"), "utf8");
    const [, rights = ""] = /ACL SETUSER graphward on >password ([^`]+)`/.exec(page) ?? [];
    await guarded.ask("ACL", "SETUSER", "graphward", "on", ">password", ...rights.split(" "));
    const environment = {
      REDIS_URL: guarded.url.replace("//", "//graphward:password@"),
      REDIS_PREFIX: "graphward",
    };
    const app = await startApp({ RATE_LIMITS: "", ...environment });
    await rememberForDays(guarded, "graphward");
    await new Client(app).run(LogInDocument, { username: "somebody", password: wrong });
    expect((await guarded.ask("KEYS", "graphward:login*")) as unknown).toHaveLength(2);
    const client = new Client(app);
    await client.logIn(await app.createUser(), "TOKEN");
    const asksNothing = async () => {
      const queries = vi.spyOn(pg.Client.prototype, "query");
      await client.run(PrivateDocument);
      const asked = queries.mock.calls.some(([it]) =>
        String((it as { text?: string }).text ?? it).includes('"sessions"'),
      );
      queries.mockRestore();
      return !asked;
    };
    await expect.poll(asksNothing).toBe(true);
    expect(app.log.filter((line) => line.includes("Redis"))).toEqual([]);
    await app.close();
  });

  test("warns of a Redis that evicts", async () => {
    guarded = await startRedis("--maxmemory", "50mb", "--maxmemory-policy", "volatile-lru");
    const { stdout } = await graphward(["check"], { environment: { REDIS_URL: guarded.url } });
    expect(stdout).toContain(
      "warning REDIS_URL: has maxmemory-policy volatile-lru: an attacker who tries many names could push out counts, so servers count in PostgreSQL; set noeviction\n",
    );
  });

  test("with rediss: checks the certificate for the host, also with NODE_TLS_REJECT_UNAUTHORIZED=0", async () => {
    directory = await mkdtemp(join(tmpdir(), "graphward-redis-tls-"));
    const [authority, stranger] = [
      await createAuthority(directory, "ours"),
      await createAuthority(directory, "strange"),
    ];
    const issued = await authority.issue("redis", "DNS:localhost");
    const tls = await findFreePort();
    guarded = await startRedis(
      ...["--tls-port", String(tls), "--tls-cert-file", issued.certificate, "--tls-key-file", issued.key],
      ...["--tls-ca-cert-file", authority.certificate, "--tls-auth-clients", "no"],
    );
    const at = (host: string) => `rediss://${host}:${tls}`;
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    const found = (host: string, { certificate }: Authority) =>
      findingsOf(at(host), { REDIS_CA: certificate });
    expect(await found("localhost", authority)).toEqual([]);
    expect(await found("127.0.0.1", authority)).toEqual(doesNotWork("ERR_TLS_CERT_ALTNAME_INVALID"));
    expect(await found("localhost", stranger)).toEqual(doesNotWork("SELF_SIGNED_CERT_IN_CHAIN"));
    vi.unstubAllEnvs();
  });
});
