import { execFileSync } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import argon2 from "argon2";
import { v7 as uuid } from "uuid";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { minutes } from "../../src/time.ts";
import { Client } from "../harness/client.ts";
import { createDatabase, openDatabaseAlone } from "../harness/database/database.ts";
import { copyMadeDataDir } from "../harness/database/made-data-dir.ts";
import { startDatabaseProxy } from "../harness/database/proxy.ts";
import { begin, serve } from "../harness/process.ts";
import { findFreePort } from "../harness/server.ts";
import { LogOutDocument, PrivateDocument } from "../operations/generated/graphql.ts";

let directory: string;
let port: number;
let environment: NodeJS.ProcessEnv;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "graphward-workers-"));
  // As root the database runs as another user, who must be able to enter.
  await chmod(directory, 0o711);
  port = await findFreePort();
  environment = { PORT: String(port), EXPLORER: "off", WORKERS: "2", LOG_LEVEL: "info" };
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const client = () => new Client({ url: `http://127.0.0.1:${port}/graphql` });
const passwordIn = (output: string) => /password (\S+) /.exec(output)?.[1] ?? "";

interface Line {
  readonly msg: string;
  readonly pid?: number;
  readonly worker?: number;
}
const linesOf = (log: string): readonly Line[] =>
  log
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Line);
const pidsIn = (log: string): readonly number[] =>
  linesOf(log).flatMap(({ msg, pid }) => (msg === "a worker serves" && pid !== undefined ? [pid] : []));

const until = async (what: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await what())) await wait(20);
};
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** A client with open connections that asks without pause, as a balancer does. Returns what was not answered with 200. */
const askOnAndOn = (end: AbortSignal) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const failures: string[] = [];
  let answers = 0;
  const ask = () =>
    new Promise<void>((resolve) => {
      const body = '{"query":"{ public { message } }"}';
      const headers = { "content-type": "application/json", "content-length": body.length };
      const asked = request({ port, host: "127.0.0.1", path: "/graphql", method: "POST", agent, headers });
      asked.on("response", (response) => {
        if (response.statusCode !== 200) failures.push(String(response.statusCode));
        answers += 1;
        response.resume().on("end", resolve);
      });
      asked.on("error", (error) => {
        failures.push(error.message);
        resolve();
      });
      asked.end(body);
    });
  const loop = async () => {
    while (!end.aborted) await ask();
  };
  const done = Promise.all(Array.from({ length: 8 }, loop)).then(() => agent.destroy());
  return { failures, done, answers: () => answers };
};

/** Each check comes by a connection of its own, and so to any of the workers. */
const checkOnAndOn = (end: AbortSignal) => {
  const statuses = new Set<number>();
  const loop = async () => {
    while (!end.aborted) {
      const checked = await fetch(`http://127.0.0.1:${port}/health/ready`, {
        headers: { connection: "close" },
      });
      statuses.add(checked.status);
      await checked.text();
    }
  };
  return { statuses, done: loop() };
};

describe("two workers", () => {
  test("make one administrator, serve one address, know each other's sessions, and end with their database", async () => {
    const server = await serve(port, { environment, directory });
    await until(() => pidsIn(server.output.stdout).length === 2);
    expect(server.output.stdout.match(/password \S+ /g)).toHaveLength(1);
    expect(server.output.stdout).toContain(`serving   http://localhost:${port}/graphql, by 2 workers`);
    const account = { username: "admin", password: passwordIn(server.output.stdout) };
    // Connections go to the workers in turn.
    const phone = client();
    await phone.logIn(account, "TOKEN");
    const isIn = async () => (await phone.run(PrivateDocument)).codes.length === 0;
    expect([await isIn(), await isIn(), await isIn()]).toEqual([true, true, true]);
    expect((await phone.run(LogOutDocument)).codes).toEqual([]);
    expect([await isIn(), await isIn(), await isIn()]).toEqual([false, false, false]);
    const requests = () => linesOf(server.output.stdout).filter(({ msg }) => msg === "request");
    await until(async () => {
      // At once, each on a connection of its own.
      await Promise.all(Array.from({ length: 4 }, isIn));
      return new Set(requests().map(({ worker }) => worker)).size > 1;
    });
    expect(new Set(requests().map(({ worker }) => worker))).toEqual(new Set([1, 2]));

    const { status } = await server.stop("SIGTERM");
    expect(status).toBe(0);
    const postmaster = join(directory, ".graphward/postgres/cluster/postmaster.pid");
    await expect(readFile(postmaster)).rejects.toThrow("ENOENT");
    // Each line is whole.
    for (const line of server.output.stdout.split("\n").filter((it) => it.includes('{"level"')))
      expect(() => JSON.parse(line)).not.toThrow();
  });

  test("of which one is killed are two again, and the other serves meanwhile", async () => {
    await copyMadeDataDir(join(directory, ".graphward"));
    const server = await serve(port, { environment, directory });
    await until(() => pidsIn(server.output.stdout).length === 2);
    const [first = 0] = pidsIn(server.output.stdout);
    process.kill(first, "SIGKILL");
    await until(() => pidsIn(server.output.stdout).length === 3);
    expect(linesOf(server.output.stdout).map(({ msg }) => msg)).toContain(
      "a worker died, another one starts",
    );
    expect((await client().run("{ public { message } }")).codes).toEqual([]);
    expect((await server.stop("SIGTERM")).status).toBe(0);
  });

  test("are replaced at SIGHUP without a failed request, and read .env again", async () => {
    await copyMadeDataDir(join(directory, ".graphward"));
    await writeFile(join(directory, ".env"), "INTROSPECTION=off\n");
    const server = await serve(port, { environment, directory });
    await until(() => pidsIn(server.output.stdout).length === 2);
    const old = pidsIn(server.output.stdout);
    const introspect = () => client().run("{ __schema { queryType { name } } }");
    expect((await introspect()).codes).not.toEqual([]);

    const end = new AbortController();
    const { failures, done, answers } = askOnAndOn(end.signal);
    await writeFile(join(directory, ".env"), "INTROSPECTION=on\n");
    process.kill(server.pid, "SIGHUP");
    await until(() => linesOf(server.output.stdout).some(({ msg }) => msg === "reloaded"));
    const before = answers();
    await until(() => answers() > before + 8);
    end.abort();
    await done;
    expect([failures, old.some(isAlive)]).toEqual([[], false]);
    expect((await introspect()).codes).toEqual([]);
    expect((await server.stop("SIGTERM")).status).toBe(0);
  });

  test("are replaced without a failed request when the database is so slow that a start takes long", {
    timeout: minutes(4),
  }, async () => {
    const copy = await createDatabase();
    const proxy = await startDatabaseProxy();
    environment = { ...environment, DATABASE_URL: proxy.urlOf(copy.url), DATABASE_CONNECTIONS: "4" };
    const server = await serve(port, { environment, directory });
    await until(() => pidsIn(server.output.stdout).length === 2);

    const end = new AbortController();
    const { failures, done } = askOnAndOn(end.signal);
    const checks = checkOnAndOn(end.signal);
    // A start takes longer than a request waits for one, and each statement a tenth of what it may.
    proxy.delay(150);
    process.kill(server.pid, "SIGHUP");
    await until(() => linesOf(server.output.stdout).some(({ msg }) => msg === "reloaded"));
    end.abort();
    await Promise.all([done, checks.done]);
    expect([failures, [...checks.statuses]]).toEqual([[], [200]]);
    proxy.delay(0);
    expect((await server.stop("SIGTERM")).status).toBe(0);
    await proxy.close();
    await copy.drop();
  });

  test("serve on when a new setting is wrong, and when one of them dies meanwhile, until it is right again", async () => {
    await copyMadeDataDir(join(directory, ".graphward"));
    const server = await serve(port, { environment, directory });
    const says = (line: string) => until(() => linesOf(server.output.stdout).some(({ msg }) => msg === line));
    await until(() => pidsIn(server.output.stdout).length === 2);
    await writeFile(join(directory, ".env"), "TRUST_PROXY=all\n");
    process.kill(server.pid, "SIGHUP");
    await says("not reloaded: a new worker cannot start, the old ones serve on");
    process.kill(pidsIn(server.output.stdout)[0] ?? 0, "SIGKILL");
    await says("a worker cannot start, the others serve on");
    expect((await client().run("{ public { message } }")).codes).toEqual([]);
    expect(server.output.stderr).toContain("TRUST_PROXY:");
    await rm(join(directory, ".env"));
    await until(() => pidsIn(server.output.stdout).length === 3);
    expect((await server.stop("SIGTERM")).status).toBe(0);
  });

  test("serve on when no process can be started, until one can again", async () => {
    await copyMadeDataDir(join(directory, ".graphward"));
    const server = await serve(port, { environment, directory });
    await until(() => pidsIn(server.output.stdout).length === 2);
    const limitDescriptors = (soft: number) =>
      execFileSync("prlimit", ["--pid", String(server.pid), `--nofile=${soft}:`]);
    limitDescriptors(3);
    process.kill(pidsIn(server.output.stdout)[0] ?? 0, "SIGKILL");
    await until(() => linesOf(server.output.stdout).some(({ msg }) => msg === "a worker failed"));
    await until(() =>
      linesOf(server.output.stdout).some(({ msg }) => msg === "a worker cannot start, the others serve on"),
    );
    limitDescriptors(1_024);
    await until(() => pidsIn(server.output.stdout).length === 3);
    expect((await client().run("{ public { message } }")).codes).toEqual([]);
    expect((await server.stop("SIGTERM")).status).toBe(0);
  });

  test("end when the primary process was killed, and their database with them", async () => {
    await copyMadeDataDir(join(directory, ".graphward"));
    const server = await serve(port, { environment, directory });
    await until(() => pidsIn(server.output.stdout).length === 2);
    const pids = pidsIn(server.output.stdout);
    process.kill(server.pid, "SIGKILL");
    await until(() => !pids.some(isAlive));
    const postmaster = join(directory, ".graphward/postgres/cluster/postmaster.pid");
    await expect(readFile(postmaster)).rejects.toThrow("ENOENT");
  });
});

test("all workers together hash as many passwords at once as the setting says", async () => {
  const { database, config, close } = await openDatabaseAlone();
  const metricsPort = await findFreePort();
  const server = await serve(port, {
    environment: {
      ...environment,
      DATABASE_URL: config.databaseUrl,
      HASHES_AT_ONCE: "1",
      METRICS_PORT: String(metricsPort),
    },
    directory,
  });
  await until(() => pidsIn(server.output.stdout).length === 2);
  const password = "a slow password to verify";
  // The most that is computed at all: long enough to be seen.
  const slow = { type: argon2.argon2id, memoryCost: 262_144, timeCost: 10, parallelism: 1 } as const;
  const [id, username] = [uuid(), "alice"];
  const password_hash = await argon2.hash(password, slow);
  await database
    .insertInto("users")
    .values({ id, username, canonical_username: username, password_hash })
    .execute();
  const hashes = async () => {
    const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    const count = (state: string) =>
      Number(new RegExp(`^graphward_password_hashes\\{state="${state}"\\} (\\d+)$`, "m").exec(text)?.[1]);
    return { running: count("running"), waiting: count("waiting") };
  };
  // New connections go to the workers in turn, and one connection may be left from the start: each worker has one at least.
  const logIn = () =>
    fetch(`http://127.0.0.1:${port}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", connection: "close" },
      body: JSON.stringify({
        query: `mutation { login(username: "${username}", password: "${password}") { token } }`,
      }),
    });
  const logins = [logIn(), logIn(), logIn()];
  let seen = await hashes();
  while (seen.running + seen.waiting < 3) seen = await hashes();
  expect(seen).toEqual({ running: 1, waiting: 2 });
  await Promise.allSettled(logins);
  await server.stop("SIGTERM");
  await close();
});

test("a worker that cannot start ends all, and its line stands once", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(port, "127.0.0.1", resolve));
  const server = begin(port, { environment, directory });
  expect(await server.ended).toBe(1);
  expect(server.output.stderr).toBe(
    `graphward: Cannot listen on 127.0.0.1:${port}: the port is in use; choose another PORT.\n`,
  );
  other.close();
});

test("a wrong number of workers is a line in the list of problems", async () => {
  const server = begin(port, {
    environment: { ...environment, WORKERS: "many", TRUST_PROXY: "all" },
    directory,
  });
  expect(await server.ended).toBe(1);
  expect(server.output.stderr).toContain("WORKERS: must be a number of processes, at most 64, or auto");
  expect(server.output.stderr).toContain("TRUST_PROXY:");
});

test("the metrics of all workers are one text, and nothing is lost from it when a worker dies", async () => {
  await copyMadeDataDir(join(directory, ".graphward"));
  const metricsPort = await findFreePort();
  const server = await serve(port, {
    environment: { ...environment, METRICS_PORT: String(metricsPort) },
    directory,
  });
  await until(() => pidsIn(server.output.stdout).length === 2);
  const scrape = async () => (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  const counted = async () =>
    Number(/^graphward_operations_total\{.*field="public",outcome="ok"\} (\d+)$/m.exec(await scrape())?.[1]);
  for (let count = 0; count < 10; count += 1)
    await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", connection: "close" },
      body: '{"query":"{ public { message } }"}',
    });
  expect(await counted()).toBe(10);
  process.kill(pidsIn(server.output.stdout)[0] ?? 0, "SIGKILL");
  await until(() => pidsIn(server.output.stdout).length === 3);
  expect(await counted()).toBe(10);
  await server.stop("SIGTERM");
});
