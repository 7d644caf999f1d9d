import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, mkdir, mkdtemp, open, readdir, readFile, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pass } from "node:timers/promises";
import { promisify } from "node:util";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeToken } from "../../src/auth/secrets/secret.ts";
import { type EmbeddedDatabase, joinEmbeddedPostgres } from "../../src/database/embedded/join.ts";
import { minutes, seconds } from "../../src/time.ts";
import { type Answer, Client } from "../harness/client.ts";
import { type DatabaseProxy, startDatabaseProxy, type Target } from "../harness/database/proxy.ts";
import { type Served, serve } from "../harness/process.ts";
import { findFreePort, withoutLimits } from "../harness/server.ts";
import { RegisterDocument } from "../operations/generated/graphql.ts";

/** The proxy is in this process: nothing may block it. */
const run = promisify(execFile);

/** What every request keeps, whatever happens to the database; beside what the slowest took before, on a busy machine. */
const bound = seconds(5);
const rounds = 3;
/** Few of them write, because each registration costs a hash. */
const [writers, readers] = [3, 9];

let directory: string;
let database: EmbeddedDatabase;
let proxy: DatabaseProxy;
let server: Served;
let port: number;

const socketOf = ({ connection }: EmbeddedDatabase): Target => ({
  path: `${connection.host}/.s.PGSQL.${connection.port}`,
});

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "graphward-faults-"));
  await chmod(directory, 0o711);
  database = await joinEmbeddedPostgres({ dataDir: join(directory, "first") });
  proxy = await startDatabaseProxy(socketOf(database));
  const { user, password, database: name } = database.connection;
  port = await findFreePort();
  server = await serve(port, {
    directory,
    environment: {
      DATABASE_URL: proxy.urlOf(`postgres://${user}:${encodeURIComponent(password)}@localhost/${name}`),
      SESSION_SECRET: randomBytes(32).toString("hex"),
      RATE_LIMITS: withoutLimits,
      EXPLORER: "off",
      LOG_LEVEL: "error",
    },
  });
}, minutes(2));
afterAll(async () => {
  await server.kill();
  await proxy.close();
  await database.leave();
  await rm(directory, { recursive: true, force: true });
});

const unknownToken = makeToken("gws_" as never);

interface Traffic {
  /** Usernames whose registration was acknowledged. */
  readonly acknowledged: Set<string>;
  readonly slow: number[];
  /** Milliseconds: the slowest request before the fault. */
  slowest: number;
  hasFault: boolean;
  requests: number;
  refused: number;
  stop(): Promise<void>;
}

/** Clients that register one user after the other, and others that read, as fast as they are answered. */
const startTraffic = (): Traffic => {
  let isStopping = false;
  const measure = async (ask: (client: Client) => Promise<Answer<unknown>>): Promise<boolean> => {
    const start = performance.now();
    const answer = await ask(new Client({ url: `http://127.0.0.1:${port}/graphql` })).catch(() => null);
    const took = performance.now() - start;
    traffic.requests += 1;
    if (!traffic.hasFault) traffic.slowest = Math.max(traffic.slowest, took);
    else if (took > bound + traffic.slowest) traffic.slow.push(Math.round(took));
    const isDone = answer?.status === 200 && answer.codes.length === 0;
    if (!isDone) {
      traffic.refused += 1;
      await pass(50);
    }
    return isDone;
  };
  const write = async () => {
    while (!isStopping) {
      const username = `u${randomBytes(8).toString("hex")}`;
      const input = { username, email: `${username}@example.org`, password: "correct horse battery staple" };
      if (await measure((client) => client.run(RegisterDocument, { input })))
        traffic.acknowledged.add(username);
    }
  };
  const read = async () => {
    // A token that nobody has: each request asks the database for it.
    const headers = { authorization: `Token ${unknownToken}` };
    while (!isStopping)
      await measure(async (client) => {
        const answer = await client.post('{"query":"{ public { message } }"}', headers);
        return answer.status === 401 ? { ...answer, status: 200, codes: [] } : answer;
      });
  };
  const running = [...Array.from({ length: writers }, write), ...Array.from({ length: readers }, read)];
  const traffic: Traffic = {
    acknowledged: new Set(),
    slow: [],
    slowest: 0,
    hasFault: false,
    requests: 0,
    refused: 0,
    async stop() {
      isStopping = true;
      await Promise.all(running);
    },
  };
  return traffic;
};

const countLost = async ({ acknowledged }: Traffic): Promise<number> => {
  const client = new pg.Client(database.connection);
  await client.connect();
  const { rows } = await client.query("select username from graphward.users where username = any($1)", [
    [...acknowledged],
  ]);
  await client.end();
  return acknowledged.size - rows.length;
};

interface Fault {
  begin(): Promise<void> | void;
  /** Milliseconds. */
  readonly lasts: number;
  end(): Promise<void> | void;
}

const processesOf = async (pid: number): Promise<number[]> => {
  const all = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const parents = await Promise.all(
    all.map(async (name) => {
      const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => "");
      return [Number(name), Number(stat.slice(stat.lastIndexOf(")")).split(" ")[2])] as const;
    }),
  );
  return [pid, ...parents.filter(([, parent]) => parent === pid).map(([child]) => child)];
};

const postmasterOf = async ({ location }: EmbeddedDatabase): Promise<number> =>
  Number((await readFile(join(location, "postmaster.pid"), "utf8")).split("\n")[0]);

const signalAll = async (signal: NodeJS.Signals) => {
  for (const pid of await processesOf(await postmasterOf(database))) process.kill(pid, signal);
};

/** Another server takes over with what the killed one had written. The old connections are reset, or hang for ever. */
const failOver = async (lose: () => void, parent = directory): Promise<void> => {
  await signalAll("SIGSTOP");
  lose();
  const next = join(parent, `copy-${randomBytes(4).toString("hex")}`);
  await run("cp", ["-a", join(database.location, "../.."), next]);
  const home = join(next, "postgres");
  for (const name of ["cluster/postmaster.pid", "members", "lock", "socket"])
    await rm(join(home, name), { recursive: true, force: true });
  for (const pid of await processesOf(await postmasterOf(database))) process.kill(pid, "SIGKILL");
  database = await joinEmbeddedPostgres({ dataDir: next });
  proxy.leadTo(socketOf(database));
};

const faults: Record<string, Fault> = {
  "black hole of all connections": { begin: () => proxy.silence(), lasts: 0, end: () => undefined },
  "black hole of one connection": { begin: () => proxy.silence(1), lasts: 0, end: () => undefined },
  "frozen database, 12 s": {
    begin: () => signalAll("SIGSTOP"),
    lasts: seconds(12),
    end: () => signalAll("SIGCONT"),
  },
  "failover with resets": { begin: () => failOver(() => proxy.reset()), lasts: 0, end: () => undefined },
  "failover with hanging connections": {
    begin: () => failOver(() => proxy.silence()),
    lasts: 0,
    end: () => undefined,
  },
};

/** Longer than `until` waits. */
const served = async (isServed: () => boolean): Promise<void> => {
  const start = performance.now();
  while (!isServed()) {
    if (performance.now() - start > minutes(1))
      throw new Error(`Not served: ${server.output.stdout.slice(-3000)}`);
    await pass(20);
  }
};

const report: string[] = [];
afterAll(() => void process.stdout.write(`${report.join("\n")}\n`));

const expectSurvival = async (name: string, fault: Fault) => {
  for (let round = 1; round <= rounds; round += 1) {
    const traffic = startTraffic();
    await served(() => traffic.acknowledged.size > writers);
    traffic.hasFault = true;
    await fault.begin();
    await pass(fault.lasts);
    await fault.end();
    const over = performance.now();
    const before = traffic.acknowledged.size;
    await served(() => traffic.acknowledged.size >= before + 2 * writers);
    const seconds = (performance.now() - over) / 1000;
    await traffic.stop();
    const lost = await countLost(traffic);
    report.push(
      `${name}: served again after ${seconds.toFixed(1)} s, ${traffic.requests} requests, ${traffic.refused} refused, ` +
        `${traffic.slow.length} over 5 s (slowest before: ${Math.round(traffic.slowest)} ms), ${traffic.acknowledged.size} acknowledged, ${lost} lost`,
    );
    expect([traffic.slow, lost]).toEqual([[], 0]);
    expect(seconds).toBeLessThan(15);
  }
};

test.each(Object.entries(faults))(
  "%s: no request takes over 5 s, nothing acknowledged is lost",
  expectSurvival,
  minutes(4),
);

/** Filled up and freed again; PostgreSQL may end itself meanwhile, and recover. */
test.runIf(process.platform === "linux" && process.getuid?.() === 0)(
  "full disk of the database: no request takes over 5 s, nothing acknowledged is lost",
  async () => {
    const small = join(directory, "small");
    await mkdir(small);
    await run("mount", ["-t", "tmpfs", "-o", "size=400m", "tmpfs", small]);
    try {
      await chmod(small, 0o711);
      await failOver(() => proxy.reset(), small);
      const filler = join(small, "filler");
      await expectSurvival("full disk, 5 s", {
        begin: async () => {
          const { bavail, bsize } = await statfs(small);
          const file = await open(filler, "w");
          await file.write(Buffer.alloc(bavail * bsize)).catch(() => undefined);
          await file.close();
        },
        lasts: seconds(5),
        end: () => rm(filler),
      });
    } finally {
      await database.leave();
      await run("umount", ["-l", small]);
    }
  },
  minutes(4),
);
