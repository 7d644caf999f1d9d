import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { Client } from "../../harness/client.ts";
import { answerFromMemory } from "../../harness/database/answers-from-memory.ts";
import { until } from "../../harness/mail/mail.ts";
import { type App, startApp, startTwoServers, type User } from "../../harness/server.ts";
import { createScript, type Script, withToken } from "../../harness/sign-in/access-token.ts";
import {
  LogOutDocument,
  PrivateDocument,
  PublicDocument,
  RevokeAccessTokenDocument,
} from "../../operations/generated/graphql.ts";

// Two servers on one database.
let here: App;
let there: App;
let admin: pg.Client;
let user: User;
let script: Script;
let elsewhere: Client;

beforeAll(async () => {
  ({ here, there } = await startTwoServers());
  admin = new pg.Client({ ...inject("graphwardCluster"), database: here.databaseName });
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await here.close();
});

beforeEach(async () => {
  user = await here.createUser();
  script = await createScript(here, user, ["profile:read"]);
  elsewhere = withToken(there, script.token);
  await expect.poll(() => isRemembered(script.client)).toBe(true);
  await expect.poll(() => isRemembered(elsewhere)).toBe(true);
});

const isRemembered = async (caller: Client): Promise<boolean> => {
  await caller.run(PrivateDocument);
  const answer = await answerFromMemory(admin, () => caller.run(PrivateDocument));
  return answer !== null && answer.codes.length === 0;
};

const isRefused = async (caller: Client) => (await caller.run(PublicDocument)).status === 401;

test("a revocation holds at once on the server that did it", async () => {
  const owner = new Client(here);
  await owner.logIn(user);
  for (let count = 0; count < 20; count += 1) {
    const { id, client } = await createScript(here, user, ["profile:read"]);
    await client.run(PrivateDocument);
    if (count % 2 === 0) await owner.run(RevokeAccessTokenDocument, { id });
    else await withToken(here, client.token ?? "").run(LogOutDocument);
    expect(await isRefused(client)).toBe(true);
  }
});

describe("where no notice arrives, a revocation still holds at once on the server that did it:", () => {
  let stopped: number[] = [];
  beforeEach(async () => {
    const { rows } = await admin.query<{ pid: number }>(
      "select pid from pg_stat_activity where datname = current_database() and (query ilike 'listen graphward%' or query ilike 'select count(*)::int from pg_trigger%')",
    );
    stopped = rows.map(({ pid }) => pid);
    for (const pid of stopped) process.kill(pid, "SIGSTOP");
  });
  afterEach(() => {
    for (const pid of stopped) process.kill(pid, "SIGCONT");
  });

  test("by its owner", async () => {
    expect(stopped).toHaveLength(2);
    const owner = new Client(here);
    await owner.logIn(user);
    await script.client.run(PrivateDocument);
    await owner.run(RevokeAccessTokenDocument, { id: script.id });
    expect(await isRefused(script.client)).toBe(true);
  });

  test("by logout", async () => {
    await script.client.run(PrivateDocument);
    await script.client.run(LogOutDocument);
    expect(await isRefused(script.client)).toBe(true);
  });
});

test("by its owner, a revocation holds on every other server", async () => {
  const owner = new Client(here);
  await owner.logIn(user);
  await owner.run(RevokeAccessTokenDocument, { id: script.id });
  await expect.poll(() => isRefused(elsewhere)).toBe(true);
});

describe("a revocation by hand holds on every server:", () => {
  test.each([
    ["a deleted token", "delete from access_tokens where user_id = $1"],
    ["an expired token", "update access_tokens set expires_at = now() where user_id = $1"],
    ["another digest", "update access_tokens set digest = '\\x00' where user_id = $1"],
    ["a deactivated user", "update users set is_active = false where id = $1"],
    ["a deleted user", "delete from users where id = $1"],
  ])("%s", async (_name, statement) => {
    await admin.query(statement, [user.id]);
    await expect.poll(() => isRefused(script.client)).toBe(true);
    await expect.poll(() => isRefused(elsewhere)).toBe(true);
  });

  test("a scope less", async () => {
    await admin.query("update access_tokens set scopes = '{sessions:read}' where user_id = $1", [user.id]);
    for (const caller of [script.client, elsewhere])
      await expect.poll(async () => (await caller.run(PrivateDocument)).codes).toEqual(["FORBIDDEN"]);
  });

  test("every token at once", async () => {
    await admin.query("truncate access_tokens");
    await expect.poll(() => isRefused(script.client)).toBe(true);
    await expect.poll(() => isRefused(elsewhere)).toBe(true);
  });
});

test("a use is no revocation: what is in memory stays there", async () => {
  const heard: string[] = [];
  admin.on("notification", ({ payload = "" }) => heard.push(payload));
  await admin.query("listen graphward_revocations");
  await admin.query("update access_tokens set last_used_at = now() where user_id = $1", [user.id]);
  await admin.query("update access_tokens set expires_at = now() where user_id = $1", [user.id]);
  await expect.poll(() => heard.filter((payload) => payload === user.id)).toEqual([user.id]);
  await admin.query("unlisten graphward_revocations");
});

test("a server whose triggers for access tokens are off keeps nothing in memory", async () => {
  const deaf = await startApp();
  const { host, port, user: role, password } = inject("graphwardCluster");
  const name = deaf.databaseName;
  const owner = new pg.Client({ host, port, user: role, password, database: name });
  await owner.connect();
  await owner.query("alter table access_tokens disable trigger access_tokens_deleted");
  await owner.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()",
    [name],
  );
  const someone = await until(() => deaf.createUser().catch(() => null));
  const { client } = await createScript(deaf, someone, ["profile:read"]);
  // Three beats: the server has connected anew, and would have heard two of them.
  let beats = 0;
  owner.on("notification", () => {
    beats += 1;
  });
  await owner.query("listen graphward_revocations");
  await expect.poll(() => beats).toBeGreaterThanOrEqual(3);
  await client.run(PrivateDocument);
  await client.run(PrivateDocument);
  await owner.query("delete from access_tokens where user_id = $1", [someone.id]);
  expect(await isRefused(client)).toBe(true);
  await owner.end();
  await deaf.close();
});
