// PostgreSQL 15 as Debian packages it: a primary and its standbys, each a process that a test may kill.
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pass } from "node:timers/promises";
import { promisify } from "node:util";
import pg from "pg";
import { findFreePort } from "../harness/server.ts";

export const programs = "/usr/lib/postgresql/15/bin";

export interface Postgres {
  readonly port: number;
  /** The database `graphward`, as its owner. */
  readonly url: string;
  /** What it has logged. */
  readonly log: () => string;
  /** As a superuser. */
  query<Row extends pg.QueryResultRow>(statement: string, database?: string): Promise<Row[]>;
  /** A new server that streams from this one. */
  createStandby(name: string, settings?: Settings): Promise<Postgres>;
  /** A copy that is a primary itself. */
  createCopy(name: string, settings?: Settings): Promise<Postgres>;
  promote(): Promise<void>;
  /** `SIGKILL` to all of its processes at once, as a power loss. */
  kill(): Promise<void>;
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Again, where it was. */
  start(settings?: Settings): Promise<void>;
}

type Settings = Readonly<Record<string, string>>;

export interface Cluster {
  createPrimary(name: string, settings?: Settings): Promise<Postgres>;
  /** Removes everything that was created in it. */
  remove(): Promise<void>;
}

/** It refuses to run as root. */
export const account = (): { readonly uid?: number; readonly gid?: number } => {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = ["-u", "-g"].map((option) => Number(execFileSync("id", [option, "postgres"])));
  return { uid: uid ?? 0, gid: gid ?? 0 };
};

export const createCluster = async (): Promise<Cluster> => {
  const runAs = account();
  const directory = await mkdtemp(join(tmpdir(), "graphward-postgres-"));
  await chmod(directory, 0o700);
  if (runAs.uid !== undefined && runAs.gid !== undefined) await chown(directory, runAs.uid, runAs.gid);
  const run = (program: string, ...args: readonly string[]) =>
    promisify(execFile)(join(programs, program), args, { ...runAs, cwd: directory });
  const running = new Set<{ kill(): Promise<void> }>();

  const manage = async (dataDir: string, first: Settings): Promise<Postgres> => {
    const port = await findFreePort();
    let child: ChildProcess | null = null;
    let ended: Promise<unknown> = Promise.resolve();
    let output = "";
    const query = async <Row extends pg.QueryResultRow>(statement: string, database = "postgres") => {
      const client = new pg.Client({ host: "127.0.0.1", port, user: "postgres", database });
      client.on("error", () => undefined);
      await client.connect();
      try {
        return (await client.query<Row>(statement)).rows;
      } finally {
        await client.end();
      }
    };
    const processes = async () => {
      const parent = child?.pid ?? 0;
      const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
      const parents = await Promise.all(
        names.map(async (name) => {
          const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => "");
          return [Number(name), Number(stat.slice(stat.lastIndexOf(")")).split(" ")[2])] as const;
        }),
      );
      return [parent, ...parents.filter(([, of]) => of === parent).map(([pid]) => pid)];
    };
    const signalAll = async (signal: NodeJS.Signals) => {
      for (const pid of await processes())
        try {
          process.kill(pid, signal);
        } catch (error) {
          // It has ended since.
          if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
        }
    };
    const copy = async (name: string, ...options: readonly string[]) => {
      const target = join(directory, name);
      const source = `host=127.0.0.1 port=${port} user=postgres application_name=${name}`;
      await run("pg_basebackup", "-D", target, "-d", source, "--checkpoint=fast", "--no-sync", ...options);
      return target;
    };
    const postgres: Postgres = {
      port,
      url: `postgres://graphward@127.0.0.1:${port}/graphward`,
      log: () => output,
      query,
      createStandby: async (name, settings = {}) => manage(await copy(name, "-R"), settings),
      createCopy: async (name, settings = {}) => manage(await copy(name), settings),
      async promote() {
        await run("pg_ctl", "promote", "-D", dataDir);
      },
      async kill() {
        if (child === null) return;
        await signalAll("SIGKILL");
        await ended;
        child = null;
      },
      freeze: () => signalAll("SIGSTOP"),
      thaw: () => signalAll("SIGCONT"),
      async start(settings = first) {
        const all = {
          port: String(port),
          listen_addresses: "127.0.0.1",
          unix_socket_directories: "",
          // Processes are killed here, not machines.
          fsync: "off",
          max_wal_senders: "10",
          wal_keep_size: "64MB",
          shared_buffers: "32MB",
          ...settings,
        };
        const options = Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
        // After a kill. A number that is another process by now would be taken for the server.
        await rm(join(dataDir, "postmaster.pid"), { force: true });
        const started = spawn(join(programs, "postgres"), ["-D", dataDir, ...options], {
          ...runAs,
          cwd: directory,
          stdio: ["ignore", "ignore", "pipe"],
        });
        started.stderr.setEncoding("utf8").on("data", (text: string) => {
          output += text;
        });
        child = started;
        ended = once(started, "close");
        while (!(await query("select 1").then(Boolean, () => false))) {
          if (started.exitCode !== null) throw new Error(`PostgreSQL ended: ${output}`);
          await pass(50);
        }
      },
    };
    running.add(postgres);
    await postgres.start();
    return postgres;
  };

  return {
    async createPrimary(name, settings = {}) {
      const dataDir = join(directory, name);
      await run("initdb", "-D", dataDir, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--no-sync");
      await writeFile(
        join(dataDir, "pg_hba.conf"),
        "host all all 127.0.0.1/32 trust\nhost replication all 127.0.0.1/32 trust\n",
      );
      const primary = await manage(dataDir, settings);
      await primary.query("create role graphward login");
      await primary.query("create database graphward owner graphward");
      return primary;
    },
    async remove() {
      for (const postgres of running) await postgres.kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
};
