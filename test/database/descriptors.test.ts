import { execFileSync } from "node:child_process";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Client } from "../harness/client.ts";
import { type DatabaseAlone, openDatabaseAlone } from "../harness/database/database.ts";
import { graphward, type Served, serve } from "../harness/process.ts";
import { findFreePort } from "../harness/server.ts";
import { PrivateDocument } from "../operations/generated/graphql.ts";

let alone: DatabaseAlone;
let port: number;
let environment: NodeJS.ProcessEnv;
let server: Served;
beforeEach(async () => {
  alone = await openDatabaseAlone();
  port = await findFreePort();
  environment = { DATABASE_URL: alone.config.databaseUrl, VIEWER_CACHE: "off" };
  server = await serve(port, { environment });
});
afterEach(async () => {
  await server.stop("SIGTERM");
  await alone.close();
});

test("a server without a file left answers 503 to what needs a new connection to the database, until it has one", async () => {
  const client = new Client({ url: `http://127.0.0.1:${port}/graphql` });
  const account = { username: "alice", password: "a quiet tram at dawn" };
  const words = ["user", "create", "--username", account.username, "--password-stdin"];
  await graphward(words, { environment, input: account.password });
  await client.logIn(account, "TOKEN");
  const limitFiles = (soft: number) =>
    execFileSync("prlimit", ["--pid", String(server.pid), `--nofile=${soft}:`]);

  // Fewer than it has open: no other one opens.
  limitFiles(3);
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`.execute(alone.database);
  const refused = await client.run(PrivateDocument);
  expect([refused.status, refused.codes]).toEqual([503, ["SERVICE_UNAVAILABLE"]]);

  limitFiles(1_024);
  await expect.poll(async () => (await client.run(PrivateDocument)).codes).toEqual([]);
});
