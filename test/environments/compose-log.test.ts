// The log of the PostgreSQL of compose.yaml, with its settings and Debian's PostgreSQL.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { quietLog } from "../../src/database/embedded/settings.ts";
import { minutes } from "../../src/time.ts";
import { until } from "../harness/mail/mail.ts";
import { type Cluster, createCluster, type Postgres } from "./postgres.ts";

const secret = "marguerite";

let settings: Readonly<Record<string, string>>;
let cluster: Cluster;
let postgres: Postgres;

const servicesOf = async (name: string) =>
  parse(await readFile(join(import.meta.dirname, "../../deploy", name), "utf8"), { merge: true }).services;

/** What a command says of the log. A list is one of arguments, and a text is a shell's. */
const logSettingsIn = (command: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    [...command.join(" ").matchAll(/--(log_\w+)=(\S+)/g)].map(([, name, value]) => [name, value]),
  );

beforeAll(async () => {
  settings = logSettingsIn((await servicesOf("compose.yaml")).postgres.command);
  cluster = await createCluster();
  postgres = await cluster.createPrimary("primary", settings);
  await postgres.query("create table kept (id int primary key, text text unique)", "graphward");
  await postgres.query("insert into kept values (1, 'a'), (2, 'b')", "graphward");
}, minutes(1));
afterAll(() => cluster?.remove());

/** As the server does: each value is bound. */
const connect = async () => {
  const client = new pg.Client({
    host: "127.0.0.1",
    port: postgres.port,
    user: "postgres",
    database: "graphward",
  });
  await client.connect();
  return client;
};

test("compose and its replica log the same, and nothing that the built-in PostgreSQL would not", async () => {
  expect(settings).toMatchObject(quietLog);
  const { postgres: primary, replica } = await servicesOf("compose.replica.yaml");
  expect(logSettingsIn(primary.command)).toEqual(settings);
  expect(logSettingsIn(replica.command)).toEqual(settings);
});

test("a slow statement is in the log without its values", async () => {
  const client = await connect();
  await client.query("select $1::text, pg_sleep(1.1)", [secret]);
  await client.end();
  await until(() => /duration: \d+\.\d+ ms .*select \$1::text/.test(postgres.log()));
  expect(postgres.log()).not.toContain(secret);
});

test("a wait for a lock is in the log, without values", async () => {
  const [first, second] = [await connect(), await connect()];
  await first.query("begin");
  await first.query("update kept set text = $1 where id = 1", [`${secret} 1`]);
  const waiting = second.query("update kept set text = $1 where id = 1", [`${secret} 2`]);
  await until(() => postgres.log().includes("still waiting for ShareLock"));
  await first.query("rollback");
  await waiting;
  await Promise.all([first.end(), second.end()]);
  expect(postgres.log()).not.toContain(secret);
});

test("a statement that fails is in the log with its error alone, also with a value in its text", async () => {
  const client = await connect();
  await client.query("insert into kept values (3, $1)", [secret]);
  await expect(client.query("insert into kept values (4, $1)", [secret])).rejects.toThrow("duplicate key");
  await expect(client.query(`select nothing('${secret}')`)).rejects.toThrow("does not exist");
  await client.end();
  await until(() => postgres.log().includes("function nothing(unknown) does not exist"));
  expect(postgres.log()).toContain("duplicate key value violates unique constraint");
  expect(postgres.log()).not.toContain(secret);
});
