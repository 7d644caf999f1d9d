import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import argon2 from "argon2";
import { afterEach, beforeEach, expect, test } from "vitest";
import { kibibytes } from "../../../src/sizes.ts";
import { Client } from "../../harness/client.ts";
import { type DatabaseAlone, openDatabaseAlone } from "../../harness/database/database.ts";
import { graphward, type Served, serve } from "../../harness/process.ts";
import { findFreePort } from "../../harness/server.ts";
import { LogInDocument, PrivateDocument } from "../../operations/generated/graphql.ts";

const account = { username: "alice", password: "a quiet tram at dawn" };

let alone: DatabaseAlone;
let port: number;
let server: Served;
beforeEach(async () => {
  alone = await openDatabaseAlone();
  port = await findFreePort();
  const environment = { DATABASE_URL: alone.config.databaseUrl };
  const words = ["user", "create", "--username", account.username, "--password-stdin"];
  await graphward(words, { environment, input: account.password });
  server = await serve(port, { environment });
});
afterEach(async () => {
  await server.stop("SIGTERM");
  await alone.close();
});

/** In bytes. */
const readSizeOf = async (pid: number) => {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return kibibytes(Number(/^VmSize:\s+(\d+) kB$/m.exec(status)?.[1]));
};

test("without memory for a hash, a login is told to come later, others log in, and it succeeds when there is memory", async () => {
  // Elsewhere the memory of a process has no limit.
  if (process.platform !== "linux") return;
  const client = () => new Client({ url: `http://127.0.0.1:${port}/graphql` });
  const other = client();
  await other.logIn(account, "TOKEN");
  // As much as a stored hash may take, and more than the server may have.
  const costs = { type: argon2.argon2id, memoryCost: 262_144, timeCost: 1, parallelism: 1 } as const;
  const large = await argon2.hash(account.password, costs);
  await alone.database.updateTable("users").set({ password_hash: large }).execute();
  const pid = server.pid ?? 0;
  const limitMemory = (soft: string) => execFileSync("prlimit", ["--pid", String(pid), `--as=${soft}:`]);

  limitMemory(String((await readSizeOf(pid)) + kibibytes(128 * 1024)));
  const refused = await client().run(LogInDocument, account);
  expect([refused.status, refused.codes]).toEqual([503, ["SERVICE_UNAVAILABLE"]]);
  const stranger = await client().run(LogInDocument, { ...account, username: "nobody" });
  expect(stranger.codes).toEqual(["INVALID_CREDENTIALS"]);
  expect((await other.run(PrivateDocument)).codes).toEqual([]);

  limitMemory("unlimited");
  expect((await client().run(LogInDocument, account)).codes).toEqual([]);
});
