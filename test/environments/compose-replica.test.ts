// The replica of compose.replica.yaml: its command by a shell, as the container runs it, with Debian's PostgreSQL.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chown, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { findFreePort } from "../../src/testing/ports.ts";
import { minutes } from "../../src/time.ts";
import { until } from "../harness/mail/mail.ts";
import { account, type Cluster, createCluster, type Postgres, programs } from "./postgres.ts";

const password = "a password of the compose file";

let directory: string;
let cluster: Cluster;
let primary: Postgres;
let command: string;
let port: number;

const runAs = account();
const give = (path: string) => chown(path, runAs.uid ?? -1, runAs.gid ?? -1);

beforeAll(async () => {
  const compose = parse(
    await readFile(join(import.meta.dirname, "../../deploy/compose.replica.yaml"), "utf8"),
  );
  directory = await mkdtemp(join(tmpdir(), "graphward-compose-"));
  await give(directory);
  await mkdir(join(directory, "secrets"));
  await writeFile(join(directory, "secrets/postgres-password"), `${password}\n`);
  // It lets everyone on this machine in, but no replication without the password.
  const rules = join(directory, "pg_hba.conf");
  await writeFile(rules, compose.configs["pg-hba"].content);
  cluster = await createCluster();
  primary = await cluster.createPrimary("primary", { hba_file: rules });
  await primary.query(`alter role graphward superuser password '${password}'`);
  port = await findFreePort();
  const [, , line] = compose.services.replica.command as string[];
  command = (line ?? "")
    .replaceAll("$$", "$")
    .replace("/run/secrets", join(directory, "secrets"))
    .replace("--host=postgres", `--host=127.0.0.1 --port=${primary.port}`);
  expect(command).not.toContain(password);
}, minutes(1));
afterAll(async () => {
  await cluster?.remove();
  await rm(directory, { recursive: true });
});

const query = async (statement: string) => {
  const client = new pg.Client({ host: "127.0.0.1", port, user: "postgres", database: "graphward" });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
};

const withReplica = async (work: () => Promise<void>) => {
  const options = `-c port=${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c hba_file=${directory}/pg_hba.conf`;
  const child = spawn("sh", ["-c", `${command} ${options}`], {
    ...runAs,
    cwd: directory,
    env: { PATH: `${programs}:${process.env.PATH}`, PGDATA: join(directory, "data/18/docker") },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const ended = once(child, "exit");
  try {
    await until(() => query("select 1").catch(() => child.exitCode !== null), "The replica");
    expect([child.exitCode, output]).toEqual([null, output]);
    await work();
  } finally {
    child.kill("SIGINT");
    await ended;
  }
};

test("copies the primary once, and follows it, also after it was away", async () => {
  await primary.query("create table written (id int)", "graphward");
  await withReplica(async () => {
    expect(await query("select pg_is_in_recovery() as it")).toEqual([{ it: true }]);
    await primary.query("insert into written values (1)", "graphward");
    await until(async () => (await query("table written")).length === 1);
  });
  await primary.query("insert into written values (2)", "graphward");
  await writeFile(join(directory, "secrets/postgres-password"), "no copy needs it any more");
  await withReplica(() =>
    until(async () => (await query("table written")).length === 2).then(() => undefined),
  );
});
