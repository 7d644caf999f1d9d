// The embedded PostgreSQL: one cluster for all who join, whatever was killed before, and nothing of it left open.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "pg";
import { expect, onTestFinished, test } from "vitest";
import { requirePackage } from "../../src/database/embedded/binaries.ts";
import { type EmbeddedDatabase, joinEmbeddedPostgres } from "../../src/database/embedded/join.ts";
import { findProcess } from "../../src/database/embedded/processes.ts";
import { copyMadeDataDir } from "../harness/database/made-data-dir.ts";

const isRoot = process.getuid?.() === 0;
const fast = { fsync: "off" };

test("the first start makes a durable UTF-8 database of version 18 on a private socket", async () => {
  const database = await joinEmbeddedPostgres({ dataDir: await makeDataDir() });
  onTestFinished(database.leave);
  const settings = await settingsOf(database, "fsync", "listen_addresses", "TimeZone", "server_encoding");
  expect(settings).toEqual({ fsync: "on", listen_addresses: "", TimeZone: "UTC", server_encoding: "UTF8" });
  expect((await settingsOf(database, "server_version")).server_version).toMatch(/^18\./);
  expect(await modeOf(database.connection.host)).toBe(0o700);
  expect(await modeOf(database.location)).toBe(0o700);
  expect(await modeOf(join(homeOf(database), "password"))).toBe(0o600);
  expect(await modeOf(database.logFile)).toBe(0o600);
});

test("the password decides, on the socket too, and nobody logs in as the superuser", async () => {
  const { connection } = await joinForTest(await copyDataDir());
  await expect(rowsOf({ ...connection, password: "wrong" }, "select 1")).rejects.toThrow(/password/);
  await expect(rowsOf({ ...connection, user: "postgres" }, "select 1")).rejects.toThrow(/pg_hba/);
  const stored = await readFile(join(dirname(connection.host), "pg_hba.conf"), "utf8");
  expect(stored).toBe("local all graphward scram-sha-256\n");
  const roles = await rowsOf(
    connection,
    "select rolsuper, rolcreatedb from pg_roles where rolname = current_user",
  );
  expect(roles).toEqual([{ rolsuper: false, rolcreatedb: true }]);
});

test("PostgreSQL is in a process group of its own, out of the reach of Ctrl-C", async () => {
  const database = await joinForTest(await copyDataDir());
  const postmaster = await postmasterOf(database);
  expect(process.kill(-postmaster, 0)).toBe(true);
});

test("PostgreSQL's log holds neither statements nor values", async () => {
  const { connection, logFile } = await joinForTest(await copyDataDir());
  await rowsOf(connection, "create table account (hash text primary key, age int not null)");
  await rowsOf(connection, "insert into account values ('secret-hash', 1)");
  await expect(rowsOf(connection, "insert into account values ('secret-hash', 2)")).rejects.toThrow(
    /duplicate/,
  );
  await expect(rowsOf(connection, "insert into account values ('secret-row', null)")).rejects.toThrow(/null/);
  await expect(
    rowsOf(connection, "insert into account values ($1, $2)", ["secret-hash", 3]),
  ).rejects.toThrow();
  const log = await readFile(logFile, "utf8");
  expect(log).toContain("duplicate key");
  expect(log).not.toContain("secret");
});

test("processes that join an empty directory at the same moment share one cluster", async () => {
  const dataDir = await makeDataDir();
  const members = Array.from({ length: 5 }, () => startMember(dataDir));
  const reports = await Promise.all(members.map((member) => member.joined));
  expect(new Set(reports).size).toBe(1);
  await Promise.all(members.slice(1).map((member) => member.leave()));
  const database = await joinForTest(dataDir);
  expect(await reportOf(database)).toBe(reports[0]);
  await members[0]?.leave();
  expect(await reportOf(database)).toBe(reports[0]);
});

test("the last to leave stops PostgreSQL within seconds, open connections or not", async () => {
  const dataDir = await copyDataDir();
  const [first, second] = [await joinForTest(dataDir), await joinForTest(dataDir)];
  const client = new Client(second.connection);
  client.on("error", () => undefined);
  await client.connect();
  const busy = client.query("select pg_sleep(600)").catch((error: Error) => error.message);
  const postmaster = await postmasterOf(first);
  await Promise.all([first.leave(), first.leave()]);
  expect(await isRunning(postmaster)).toBe(true);
  const startedAt = performance.now();
  await second.leave();
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  expect(await isRunning(postmaster)).toBe(false);
  expect(await busy).toMatch(/terminat/);
});

test("a killed member does not keep PostgreSQL up after the last live one has left", async () => {
  const dataDir = await copyDataDir();
  const killed = startMember(dataDir);
  await killed.joined;
  const database = await joinForTest(dataDir);
  await killed.kill();
  const postmaster = await postmasterOf(database);
  await database.leave();
  expect(await isRunning(postmaster)).toBe(false);
});

test("a PostgreSQL whose members were all killed is joined by the next", async () => {
  const dataDir = await copyDataDir();
  const killed = startMember(dataDir);
  const report = await killed.joined;
  await killed.kill();
  expect(await reportOf(await joinForTest(dataDir))).toBe(report);
});

test("after kill -9 of everything, with every pid reused, the next start has all that was committed", async () => {
  const dataDir = await copyDataDir();
  const killed = startMember(dataDir);
  await killed.joined;
  const before = await joinForTest(dataDir);
  await rowsOf(before.connection, "create table kept as select 42 as answer");
  const postmaster = await postmasterOf(before);
  await killed.kill();
  process.kill(postmaster, "SIGKILL");
  await until(async () => !(await isRunning(postmaster)));
  const pidFile = join(before.location, "postmaster.pid");
  const reused = (await readFile(pidFile, "utf8")).replace(/^\d+/, String(process.pid));
  await writeFile(pidFile, reused);
  await writeFile(`${before.connection.host}/.s.PGSQL.5432.lock`, reused);
  await writeFile(join(homeOf(before), "members", `${process.pid}-1.another-00000000`), "");
  await mkdir(join(homeOf(before), "lock"));
  await writeFile(join(homeOf(before), "lock", `${process.pid}-1.another-00000000`), "");
  await before.leave();
  const after = await joinForTest(dataDir);
  expect(await rowsOf(after.connection, "select answer from kept")).toEqual([{ answer: 42 }]);
  const restarted = await postmasterOf(after);
  await after.leave();
  expect(await isRunning(restarted)).toBe(false);
});

test("a join that races with the last leave ends with a working database", async () => {
  const dataDir = await copyDataDir();
  let database = await joinForTest(dataDir);
  for (let round = 0; round < 12; round += 1) {
    const leaving = database.leave();
    await delay(round * 3);
    const next = await joinForTest(dataDir);
    await leaving;
    expect(await rowsOf(next.connection, "select 1 as one")).toEqual([{ one: 1 }]);
    database = next;
  }
});

test("a path that is too long for a socket, with a space, a quote and an accent, works", async () => {
  const dataDir = join(await makeDataDir(), `it's a "long" é path, ${"x".repeat(120)}`);
  const database = await joinForTest(dataDir);
  expect(await rowsOf(database.connection, "select 1 as one")).toEqual([{ one: 1 }]);
  const socketDirectory = database.connection.host;
  expect(Buffer.byteLength(socketDirectory)).toBeLessThan(90);
  expect(await modeOf(socketDirectory)).toBe(0o700);
  await database.leave();
  await expect(stat(socketDirectory)).rejects.toThrow(/ENOENT/);
});

test("the cluster of another major version is refused in one line", async () => {
  const dataDir = await copyDataDir();
  const { location, leave } = await joinForTest(dataDir);
  await leave();
  await writeFile(join(location, "PG_VERSION"), "17\n");
  await expect(joinForTest(dataDir)).rejects.toThrow(
    `The database in ${location} was created by PostgreSQL 17, but the built-in version is 18: dump it with the old version and restore it, or set DATABASE_URL.`,
  );
});

test("a stored password that PostgreSQL refuses is one line that names the log", async () => {
  const database = await joinForTest(await copyDataDir());
  await writeFile(join(homeOf(database), "password"), "another");
  await expect(joinForTest(dirname(homeOf(database)))).rejects.toThrow(
    `PostgreSQL refuses the password stored in ${homeOf(database)}: see ${database.logFile}.`,
  );
});

test("a server that cannot start says why in one line that names the log", async () => {
  const dataDir = await copyDataDir();
  const start = joinEmbeddedPostgres({ dataDir, settings: { shared_buffers: "nonsense" } });
  const refusal = await start.catch((error: Error) => error.message);
  expect(refusal).toContain("PostgreSQL did not start (");
  expect(refusal).toMatch(/^[^\n]*shared_buffers[^\n]*\): see [^\n]*postgres\.log\.$/);
  const database = await joinForTest(dataDir);
  expect(await rowsOf(database.connection, "select 1 as one")).toEqual([{ one: 1 }]);
});

test("a platform without PostgreSQL's programs is told to set DATABASE_URL", () => {
  const line = (target: string) =>
    `There is no built-in PostgreSQL for this platform (${target}): set DATABASE_URL.`;
  expect(() => requirePackage("linux", "riscv64", false)).toThrow(line("linux-riscv64"));
  expect(() => requirePackage("linux", "x64", true)).toThrow(line("linux-x64 with musl"));
});

test.runIf(isRoot)(
  "as root, PostgreSQL is nobody, and its password and programs are out of its reach",
  async () => {
    const database = await joinForTest(await makeDataDir());
    expect((await stat(database.location)).uid).toBe(65_534);
    const status = await readFile(`/proc/${await postmasterOf(database)}/status`, "utf8");
    expect(status).toMatch(/^Uid:\s+65534\s+65534/m);
    expect(status).toMatch(/^Groups:\s*$/m);
    for (const path of [homeOf(database), join(homeOf(database), "password"), database.logFile]) {
      expect((await stat(path)).uid).toBe(0);
    }
  },
);

test.runIf(isRoot)(
  "as root below a closed directory, the database is elsewhere and the directory says so",
  async () => {
    const closed = await makeDataDir();
    await chmod(closed, 0o700);
    const dataDir = join(closed, "data");
    const database = await joinForTest(dataDir);
    onTestFinished(async () => {
      await database.leave();
      await rm(homeOf(database), { recursive: true });
    });
    expect(await modeOf(closed)).toBe(0o700);
    expect(database.location).toMatch(/^\/var\/lib\/graphward\/[0-9a-f]{16}\/cluster$/);
    expect(await readFile(join(dataDir, "postgres-is-elsewhere.txt"), "utf8")).toContain(homeOf(database));
    await rowsOf(database.connection, "create table kept as select 42 as answer");
    await database.leave();
    await chmod(closed, 0o711);
    const again = await joinForTest(dataDir);
    expect(await rowsOf(again.connection, "select answer from kept")).toEqual([{ answer: 42 }]);
  },
);

/** With a database that was made before. */
const copyDataDir = async (): Promise<string> => {
  const directory = await makeDataDir();
  await copyMadeDataDir(directory);
  return directory;
};

const makeDataDir = async (): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), "embedded-"));
  // Passable: as root, Postgres's user has to get through.
  await chmod(directory, 0o711);
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
};

const joinForTest = async (dataDir: string): Promise<EmbeddedDatabase> => {
  const database = await joinEmbeddedPostgres({ dataDir, settings: fast });
  onTestFinished(database.leave);
  return database;
};

const rowsOf = async (connection: EmbeddedDatabase["connection"], query: string, values: unknown[] = []) => {
  const client = new Client(connection);
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query(query, values)).rows;
  } finally {
    await client.end();
  }
};

const settingsOf = async ({ connection }: EmbeddedDatabase, ...names: string[]) => {
  const columns = names.map((name) => `current_setting('${name}') as "${name}"`);
  return (await rowsOf(connection, `select ${columns.join(", ")}`))[0];
};

// Which cluster it is, and which run of it.
const identity =
  "select concat_ws(' ', system_identifier, pg_postmaster_start_time()) as it from pg_control_system()";
const reportOf = async ({ connection }: EmbeddedDatabase): Promise<string> =>
  (await rowsOf(connection, identity))[0].it;

const memberProgram = `
  import { Client } from "pg";
  const { joinEmbeddedPostgres } = await import(process.argv[1]);
  const database = await joinEmbeddedPostgres({ dataDir: process.argv[2], settings: { fsync: "off" } });
  const client = new Client(database.connection);
  await client.connect();
  const { rows } = await client.query(${JSON.stringify(identity)});
  console.log(rows[0].it);
  await client.end();
  process.stdin.on("end", () => database.leave()).resume();
`;

const startMember = (dataDir: string) => {
  const source = join(import.meta.dirname, "../../src/database/embedded/join.ts");
  const args = ["--input-type=module", "--eval", memberProgram, source, dataDir];
  const child: ChildProcess = spawn(process.execPath, args, { cwd: import.meta.dirname });
  const ended = once(child, "exit");
  let output = "";
  child.stdout?.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    output += chunk;
  });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return {
    joined: until(() => output.includes("\n")).then(() => output.trim()),
    leave: async () => {
      child.stdin?.end();
      expect(await ended).toEqual([0, null]);
    },
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
};

const until = async (isTrue: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await isTrue())) await delay(10);
};

const isRunning = async (pid: number): Promise<boolean> => (await findProcess(pid)) !== null;

const postmasterOf = async ({ location }: EmbeddedDatabase): Promise<number> =>
  Number((await readFile(join(location, "postmaster.pid"), "utf8")).split("\n")[0]);

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

const homeOf = ({ location }: EmbeddedDatabase): string => dirname(location);
