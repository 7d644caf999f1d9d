import { randomBytes } from "node:crypto";
import { Logger, runMigrations } from "graphile-worker";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeHead } from "../../src/auth/audit/trail/chain.ts";
import { sealEvents } from "../../src/auth/audit/trail/sealing.ts";
import { migrate } from "../../src/database/migrating/migrate.ts";
import { createOrm } from "../../src/database/orm.ts";
import { tableNames } from "../../src/database/tables.ts";
import { Client } from "../harness/client.ts";
import { verifyAuditTrail } from "../harness/database/audit-trail.ts";
import { createDatabase, routeTo, type TestDatabase } from "../harness/database/database.ts";
import { messagesTo } from "../harness/mail/inbox.ts";
import { until } from "../harness/mail/mail.ts";
import { graphward } from "../harness/process.ts";
import { startApp, startWithMail } from "../harness/server.ts";
import { createScript } from "../harness/sign-in/access-token.ts";
import { PrivateDocument } from "../operations/generated/graphql.ts";

let database: TestDatabase;
let owner: pg.Client;

beforeEach(async () => {
  database = await createDatabase({ empty: true });
  owner = new pg.Client(database.url);
  await owner.connect();
});
afterEach(async () => {
  await owner.end();
  await database.drop();
});

/** The tables as the version before made them, in the first schema of the search path. */
const makeEarlierTables = async (schema = "public"): Promise<void> => {
  await owner.query(`create schema if not exists ${schema}; set search_path = ${schema}`);
  const orm = createOrm(routeTo(`${database.url}&options=${encodeURIComponent(`-c search_path=${schema}`)}`));
  await orm.migrator.up({ to: "20261126235325-device-generation" });
  await orm.close();
  const pool = new pg.Pool({ connectionString: database.url, max: 1 });
  await runMigrations({ pgPool: pool, logger: new Logger(() => () => undefined) });
  await pool.end();
};

/** Later versions have more tables. */
const earlierTables = async (): Promise<readonly string[]> => {
  const names = new Set(await tablesIn("public"));
  return [...tableNames].filter((name) => names.has(name));
};

/** Moves the rows of this version back into the earlier version's tables. */
const returnRows = async (): Promise<void> => {
  // As they are: the triggers would make rows of role_members once more.
  const earlier = await earlierTables();
  for (const name of earlier) await owner.query(`alter table public.${name} disable trigger user`);
  for (const name of earlier) {
    const { rows } = await owner.query(
      "select string_agg(quote_ident(column_name), ', ') as columns from information_schema.columns where table_schema = 'public' and table_name = $1",
      [name],
    );
    // Later versions have more columns.
    const { columns } = rows[0];
    await owner.query(`insert into public.${name} (${columns}) select ${columns} from graphward.${name}`);
  }
  for (const name of earlier) await owner.query(`alter table public.${name} enable trigger user`);
  await owner.query("select setval('public.audit_events_id_seq', (select max(id) from public.audit_events))");
  await owner.query(
    `insert into graphile_worker._private_tasks (identifier) select identifier from graphward_jobs._private_tasks`,
  );
  await owner.query(`select graphile_worker.add_job(task_identifier, payload, run_at => stored.run_at)
    from graphward_jobs.jobs join graphward_jobs._private_jobs as stored using (id)`);
  await owner.query("drop schema graphward cascade; drop schema graphward_jobs cascade");
};

const counted = ["users", "role_members", "sessions", "access_tokens"];
const countRows = async (schema: string) =>
  Object.fromEntries(
    await Promise.all(
      counted.map(async (name) => {
        const { rows } = await owner.query(`select count(*)::int as count from ${schema}.${name}`);
        return [name, rows[0].count as number] as const;
      }),
    ),
  );
const tablesIn = async (schema: string) =>
  (await owner.query("select tablename from pg_tables where schemaname = $1 order by 1", [schema])).rows.map(
    ({ tablename }) => tablename as string,
  );

test("a filled database moves whole: nobody is logged out, the trail is intact, waiting mail is sent", async () => {
  const secrets = {
    DATABASE_URL: database.url,
    SESSION_SECRET: randomBytes(32).toString("hex"),
    AUDIT_KEY: randomBytes(32).toString("hex"),
  };
  const before = await startApp(secrets);
  const user = await before.createUser({ email: "grace@example.org", roles: ["ADMIN"] });
  const client = new Client(before);
  await client.logIn(user);
  const script = await createScript(before, user, ["sessions:read"]);
  // The earlier version kept none.
  await owner.query("update graphward.audit_events set request_id = null");
  const head = await sealEvents(before.database, secrets.AUDIT_KEY);
  await before.close();
  await makeEarlierTables();
  await owner.query("create table invoices (user_id uuid references users)");
  await returnRows();
  await owner.query(`insert into invoices select id from users`);
  await owner.query(`select graphile_worker.add_job('mail:reset-requested', '{"template":"reset-requested","address":"grace@example.org"}'::json),
    graphile_worker.add_job('theirs', '{}'::json), graphile_worker.add_job('mail:welcome', '{}'::json)`);
  const rows = await countRows("public");
  expect(rows).toMatchObject({ users: 2, role_members: 2, sessions: 2, access_tokens: 1 });

  const after = await startWithMail(secrets);
  expect(await countRows("graphward")).toMatchObject({
    users: 2,
    role_members: 2,
    sessions: 2,
    access_tokens: 1,
  });
  for (const half of [{ token: client.token }, { cookies: client.cookies }, { token: script.token }])
    expect((await new Client(after, half).run(PrivateDocument)).codes).not.toContain("UNAUTHENTICATED");
  await new Client(after).logIn(user);
  expect(await verifyAuditTrail(after, secrets.AUDIT_KEY, head && writeHead(head.head))).toMatchObject({
    intact: true,
  });
  await until(() => messagesTo(after.mail.received, user.email)[0]);
  // What psql revokes is noticed: the triggers moved too, and speak on the schema's channel.
  await owner.query("delete from graphward.sessions");
  await until(async () =>
    (await new Client(after, { token: client.token }).run(PrivateDocument)).codes.includes("UNAUTHENTICATED"),
  );

  expect(await tablesIn("public")).toEqual(["invoices"]);
  expect(
    (
      await owner.query(
        "select conrelid::regclass::text as name from pg_constraint where confrelid = 'graphward.users'::regclass and conrelid = 'public.invoices'::regclass",
      )
    ).rows,
  ).toHaveLength(1);
  expect(
    (await owner.query("select proname from pg_proc where pronamespace = 'public'::regnamespace")).rows,
  ).toEqual([]);
  expect(
    (await owner.query("select task_identifier as task from graphile_worker.jobs order by 1")).rows,
  ).toEqual([{ task: "mail:welcome" }, { task: "theirs" }]);
  await after.close();
});

test("when anything fails, everything stays where it was, and a later start moves it", async () => {
  await makeEarlierTables();
  const tables = await tablesIn("public");
  await owner.query("create schema graphward; create table graphward.sessions ()");
  await expect(migrate(routeTo(database.url), { schema: "graphward" })).rejects.toThrow(
    /The schema graphward is used by another program \(relation "sessions" already exists.*\): set DATABASE_SCHEMA/,
  );
  expect(await tablesIn("public")).toEqual(tables);
  expect(await tablesIn("graphward")).toEqual(["sessions"]);
  await owner.query("drop table graphward.sessions");
  expect((await migrate(routeTo(database.url), { schema: "graphward" }))[0]).toBe(
    "from the schema public to graphward",
  );
  expect(await tablesIn("public")).toEqual([]);
});

test("tables of an earlier version that are somewhere else on the search path are found", async () => {
  await makeEarlierTables("auth");
  const url = `${database.url}&options=${encodeURIComponent("-c search_path=auth")}`;
  expect((await migrate(routeTo(url), { schema: "graphward" }))[0]).toBe("from the schema auth to graphward");
  expect(await migrate(routeTo(url), { schema: "graphward" })).toEqual([]);
});

test("tables that already stand in the schema of DATABASE_SCHEMA stay there", async () => {
  await makeEarlierTables("auth");
  const done = await migrate(routeTo(database.url), { schema: "auth" });
  expect(done).toContain("20261128050000-own-schema");
  expect(done.at(-1)).toBe("auth_jobs");
  expect(done.filter((name) => name.startsWith("from the schema"))).toEqual([]);
  expect(await tablesIn("graphward")).toEqual([]);
});

test("another environment takes nobody's tables, unless it is told to", async () => {
  await makeEarlierTables();
  const run = (...args: string[]) =>
    graphward(["migrate", ...args], {
      environment: { DATABASE_URL: database.url, DATABASE_SCHEMA: "staging" },
    });
  const refused = await run();
  expect(refused.stderr).toBe(
    "graphward: DATABASE_SCHEMA is staging, but the schema public has the tables of an earlier version of Graphward. If they belong to this server, run graphward migrate --move-from public. If they belong to another one, start that one first.\n",
  );
  expect(await tablesIn("staging")).toEqual([]);
  expect((await run("--move-from", "nowhere")).stderr).toContain(
    "The schema nowhere has no tables of an earlier version",
  );
  expect((await run("--move-from", "public")).stdout).toContain(
    "migrated: from the schema public to staging\n",
  );
  expect((await run("--move-from", "public")).stderr).toContain(
    "The schema staging has tables of Graphward already",
  );
  expect(await run()).toMatchObject({ status: 0, stdout: "The tables are up to date.\n" });
});
