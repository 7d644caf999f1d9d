import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { readConfig } from "../../src/config/config.ts";
import { isOwnDatabase } from "../../src/config/database/transport.ts";
import { Client } from "../harness/client.ts";
import { production } from "../harness/configuration.ts";
import { createDatabase, type TestDatabase } from "../harness/database/database.ts";
import { until } from "../harness/mail/mail.ts";
import { graphward, serve } from "../harness/process.ts";
import { findFreePort } from "../harness/server.ts";

let empty: TestDatabase;
let port: number;
let directory: string;
beforeEach(async () => {
  empty = await createDatabase({ empty: true });
  port = await findFreePort();
  directory = await mkdtemp(join(tmpdir(), "graphward-first-"));
});
afterEach(async () => {
  await empty.drop();
  await rm(directory, { recursive: true, force: true });
});

/** Returns when it has said so: it is ready a moment before. */
const start = async (environment: NodeJS.ProcessEnv = {}) => {
  const server = await serve(port, {
    environment: { DATABASE_URL: empty.url, DATA_DIR: directory, EXPLORER: "off", ...environment },
  });
  await until(() => /^ {2}next {6}|"Graphward started"/m.test(server.output.stdout));
  return server;
};
const countUsers = async (): Promise<number> => {
  const { host, port: databasePort, user, password } = inject("graphwardCluster");
  const client = new pg.Client({ host, port: databasePort, user, password, database: empty.name });
  await client.connect();
  try {
    return (await client.query("select from graphward.users")).rowCount ?? 0;
  } finally {
    await client.end();
  }
};

test("with DATABASE_URL, the start that creates the tables creates the first user, once", async () => {
  const first = await start();
  const [, password = ""] =
    /account {3}admin, password (\S+) \(shown only once\)/.exec(first.output.stdout) ?? [];
  const client = new Client({ url: `http://127.0.0.1:${port}/graphql` });
  expect((await client.logIn({ username: "admin", password }, "TOKEN")).user.roles).toEqual(["ADMIN"]);
  await first.stop("SIGTERM");

  const second = await start();
  expect(second.output.stdout).not.toContain("account");
  expect(second.output.stdout).toContain("more users: npx graphward user create --help");
  await second.stop("SIGTERM");
  expect(await countUsers()).toBe(1);
});

test("in a database that was there before, it creates nobody, and says how to create the first", async () => {
  await graphward(["migrate"], { environment: { DATABASE_URL: empty.url } });
  const server = await start();
  expect(server.output.stdout).toContain(
    "account   none yet: npx graphward user create --username admin --role ADMIN\n",
  );
  expect(server.output.stdout).not.toContain("more users");
  expect(await countUsers()).toBe(0);
  const command = ["user", "create", "--username", "admin", "--role", "ADMIN", "--password-stdin"];
  const environment = { DATABASE_URL: empty.url };
  expect((await graphward(command, { environment, input: "a quiet tram at dawn" })).status).toBe(0);
  await server.stop("SIGTERM");
  expect(await countUsers()).toBe(1);
});

test("in production it creates nobody, whatever the database", async () => {
  const server = await start({ ...production, DATABASE_URL: empty.url });
  await server.stop("SIGTERM");
  expect(server.output.stdout).not.toContain("account");
  const line = '"msg":"no user yet: npx graphward user create --username admin --role ADMIN"';
  expect(server.output.stdout).toContain(line);
  expect(await countUsers()).toBe(0);

  const command = ["user", "create", "--username", "admin", "--role", "ADMIN", "--password-stdin"];
  const environment = { DATABASE_URL: empty.url };
  expect((await graphward(command, { environment, input: "a quiet tram at dawn" })).status).toBe(0);
  const second = await start({ ...production, DATABASE_URL: empty.url });
  await second.stop("SIGTERM");
  expect(second.output.stdout).not.toContain("no user yet");
});

test("a database is taken for one's own on this machine and in the same Docker Compose project", () => {
  const own = [
    "postgres://localhost/app",
    "postgres://127.0.0.1:5433/app",
    "postgres://[::1]/app",
    "postgres:///app?host=/var/run/postgresql",
    "postgres://db/app",
    "postgres://user:secret@postgres:5432/app",
  ];
  const shared = [
    "postgres://db.example.com/app",
    "postgres://10.0.0.5/app",
    "postgres://[2001:db8::1]/app",
    "postgres://localhost/app?host=db.example.com",
  ];
  const isOwn = (DATABASE_URL: string) => {
    const { connection } = readConfig({ DATABASE_URL });
    return connection !== null && isOwnDatabase(connection);
  };
  expect(own.filter((url) => !isOwn(url))).toEqual([]);
  expect(shared.filter(isOwn)).toEqual([]);
});
