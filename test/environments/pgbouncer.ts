// PgBouncer in front of the tests' PostgreSQL, as Debian packages it.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { inject } from "vitest";
import { findFreePort } from "../harness/server.ts";

export interface PgBouncer {
  /** Leads to a database of the tests' cluster. */
  urlOf(database: string): string;
  stop(): Promise<void>;
}

/** `settings`: lines of its ini file. */
export const startPgBouncer = async (...settings: readonly string[]): Promise<PgBouncer> => {
  const { host, port: postgresPort, user, password } = inject("graphwardCluster");
  const port = await findFreePort();
  const directory = await mkdtemp(join(tmpdir(), "graphward-pgbouncer-"));
  const users = join(directory, "users.txt");
  const ini = join(directory, "pgbouncer.ini");
  await writeFile(users, `"${user}" "${password}"\n`);
  const lines = [
    "[databases]",
    `* = host=${host} port=${postgresPort}`,
    "[pgbouncer]",
    "listen_addr = 127.0.0.1",
    `listen_port = ${port}`,
    "unix_socket_dir =",
    "auth_type = scram-sha-256",
    `auth_file = ${users}`,
    "max_client_conn = 300",
    ...settings,
  ];
  await writeFile(ini, lines.join("\n"));
  // It refuses to run as root. The socket directory of a cluster that root started belongs to nobody.
  const isRoot = process.getuid?.() === 0;
  if (isRoot) for (const path of [directory, users, ini]) await giveToNobody(path);
  const child = spawn("pgbouncer", [...(isRoot ? ["-u", "nobody"] : []), "-q", ini], { stdio: "pipe" });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (text: Buffer) => {
      output += text.toString();
    });
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error(`PgBouncer ended: ${output}`);
    await setTimeout(10);
  }
  return {
    // PgBouncer refuses `options`: an empty one keeps the harness from adding its own.
    urlOf: (database) =>
      `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}?options=`,
    stop: async () => {
      await end(child);
      await rm(directory, { recursive: true, force: true });
    },
  };
};

const giveToNobody = async (path: string): Promise<void> => {
  const [uid, gid] = ["-u", "-g"].map((option) => Number(execFileSync("id", [option, "nobody"])));
  await chown(path, uid ?? 0, gid ?? 0);
  await chmod(path, 0o700);
};

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });

const end = async (child: ChildProcess): Promise<void> => {
  const ended = once(child, "exit");
  child.kill("SIGINT");
  child.kill("SIGTERM");
  await ended;
};
