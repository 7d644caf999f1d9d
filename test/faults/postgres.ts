// PostgreSQL under faults: the built-in one, with a superuser for those faults that only an administrator can make.
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pass } from "node:timers/promises";
import { promisify } from "node:util";
import pg from "pg";
import { type EmbeddedDatabase, joinEmbeddedPostgres } from "../../src/database/embedded/join.ts";
import type { DatabaseProxy, Target } from "../harness/database/proxy.ts";

/** The proxy is in this process: nothing may block it. */
const run = promisify(execFile);

export interface Postgres {
  readonly target: Target;
  /** For the URL of a server that goes through the proxy. */
  readonly role: { readonly user: string; readonly password: string; readonly database: string };
  /** Without the proxy. */
  readonly url: string;
  /** The directory of the cluster. */
  readonly location: string;
  /** For what was written. The caller ends it. */
  connect(): Promise<pg.Client>;
  administrate(...statements: readonly string[]): Promise<void>;
  /** To the postmaster and all that it started. */
  signalAll(signal: NodeJS.Signals): Promise<void>;
  /** `SIGINT`: fast. `SIGQUIT`: immediate. */
  stop(signal: "SIGINT" | "SIGQUIT"): Promise<void>;
  start(): Promise<void>;
  /** Another server takes over with what the killed one had written. `lose`: what becomes of the old connections. */
  failOver(proxy: DatabaseProxy, lose: () => void, parent?: string): Promise<void>;
  leave(): Promise<void>;
}

export const startPostgres = async (directory: string): Promise<Postgres> => {
  await chmod(directory, 0o711);
  const accessRules = join(directory, "pg_hba.conf");
  await writeFile(accessRules, "local all postgres trust\nlocal all all scram-sha-256\n");
  await chmod(accessRules, 0o644);
  const settings = { hba_file: accessRules };
  let dataDir = join(directory, "first");
  await mkdir(dataDir);
  const join_ = () => joinEmbeddedPostgres({ dataDir, settings });
  let database = await join_();
  const all: EmbeddedDatabase[] = [database];

  const findPostmaster = async (): Promise<number> =>
    Number((await readFile(join(database.location, "postmaster.pid"), "utf8")).split("\n")[0]);
  const targetOf = ({ connection }: EmbeddedDatabase): Target => ({
    path: `${connection.host}/.s.PGSQL.${connection.port}`,
  });
  const signalAll = async (signal: NodeJS.Signals) => {
    for (const pid of await findProcesses(await findPostmaster())) sendTo(pid, signal);
  };
  const start = async () => {
    database = await join_();
    all.push(database);
  };
  const connectAs = async (user: string) => {
    const client = new pg.Client({ ...database.connection, user });
    client.on("error", () => undefined);
    await client.connect();
    return client;
  };

  return {
    get target() {
      return targetOf(database);
    },
    get role() {
      return database.connection;
    },
    get url() {
      const { host, port, user, password, database: name } = database.connection;
      return `postgres://${user}:${encodeURIComponent(password)}@localhost:${port}/${name}?host=${encodeURIComponent(host)}`;
    },
    get location() {
      return database.location;
    },
    connect: () => connectAs(database.connection.user),
    async administrate(...statements) {
      const client = await connectAs("postgres");
      try {
        for (const statement of statements) await client.query(statement);
      } finally {
        await client.end();
      }
    },
    signalAll,
    async stop(signal) {
      const pid = await findPostmaster();
      const others = await findProcesses(pid);
      sendTo(pid, signal);
      while ((await Promise.all(others.map(isAlive))).some(Boolean)) await pass(20);
    },
    start,
    async failOver(proxy, lose, parent = directory) {
      await signalAll("SIGSTOP");
      lose();
      const next = join(parent, `copy-${randomBytes(4).toString("hex")}`);
      const home = join(database.location, "../..");
      await run("cp", ["-a", home, next]);
      for (const name of ["cluster/postmaster.pid", "members", "lock", "socket"])
        await rm(join(next, "postgres", name), { recursive: true, force: true });
      await signalAll("SIGKILL");
      dataDir = next;
      await start();
      proxy.leadTo(targetOf(database));
      // Later copies would take the space of a small disk.
      await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
    async leave() {
      for (const joined of all.reverse()) await joined.leave().catch(() => undefined);
    },
  };
};

const findProcesses = async (pid: number): Promise<number[]> => {
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const parents = await Promise.all(
    names.map(async (name) => {
      const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => "");
      return [Number(name), Number(stat.slice(stat.lastIndexOf(")")).split(" ")[2])] as const;
    }),
  );
  return [pid, ...parents.filter(([, parent]) => parent === pid).map(([child]) => child)];
};

/** A zombie is over. */
const isAlive = async (pid: number): Promise<boolean> => {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat !== "" && stat.slice(stat.lastIndexOf(")")).split(" ")[1] !== "Z";
};

const sendTo = (pid: number, signal: NodeJS.Signals) => {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
};
