import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Client } from "../harness/client.ts";
import { createDatabase, type TestDatabase } from "../harness/database/database.ts";
import { createRole } from "../harness/database/roles.ts";
import { startApp } from "../harness/server.ts";
import { LogOutDocument, PrivateDocument } from "../operations/generated/graphql.ts";

// With PARTITIONED=1, the template has partitions already.
const onPlainTables = test.skipIf(process.env.PARTITIONED !== undefined);

const script = await readFile(join(import.meta.dirname, "../../deploy/postgresql/partitions.sql"), "utf8");

let database: TestDatabase;
let connection: pg.Client;
beforeEach(async () => {
  database = await createDatabase();
  connection = new pg.Client(database.url);
  await connection.connect();
});
afterEach(async () => {
  await connection.end();
  await database.drop();
});

const maintain = async (): Promise<string[]> =>
  (await connection.query<{ maintain: string }>("select graphward_partitions.maintain()")).rows.map(
    (row) => row.maintain,
  );
const count = async (table: string): Promise<number> => {
  const { rows } = await connection.query<{ count: number }>(
    `select count(*)::int as count from graphward.${table}`,
  );
  return rows[0]?.count ?? -1;
};

/** The triggers of whole tables: those of rows and of foreign keys are each partition's too. */
const findTriggers = async (): Promise<object[]> => {
  const { rows } = await connection.query<object>(
    `select tgname as name, tgrelid::regclass::text as on, tgenabled as enabled from pg_trigger
     where not tgisinternal and tgrelid::regclass::text ~ '(sessions|audit_events)' order by 1`,
  );
  return rows;
};

onPlainTables(
  "the tables of a running server become partitions: nobody is logged out, and a logout holds on both servers",
  async () => {
    const here = await startApp({ DATABASE_URL: database.url });
    const { sessionSecrets } = here.config;
    const there = await startApp({ DATABASE_URL: database.url, SESSION_SECRET: sessionSecrets.join() });
    try {
      const user = await here.createUser();
      const before = new Client(here);
      await before.logIn(user, "SESSION_AND_TOKEN");
      const events = await count("audit_events");
      const triggers = await findTriggers();
      await connection.query(script);
      await maintain();
      expect(await findTriggers()).toEqual(triggers);
      expect(await count("audit_events_before")).toBe(events);

      const elsewhere = new Client(there, before);
      const isLoggedIn = async (client: Client) =>
        (await client.run(PrivateDocument)).data?.private?.message !== undefined;
      expect(await isLoggedIn(before)).toBe(true);
      expect(await isLoggedIn(elsewhere)).toBe(true);
      await before.run(LogOutDocument);
      expect(await isLoggedIn(before)).toBe(false);
      await expect.poll(() => isLoggedIn(elsewhere)).toBe(false);
      await new Client(there).logIn(user, "SESSION_AND_TOKEN");
    } finally {
      await there.close();
      await here.close();
    }
  },
);

onPlainTables("maintain() adds the partitions of this month and two more, and does it once", async () => {
  await connection.query(script.replace("month_after(now())", "date_trunc('month', now(), 'UTC')"));
  const added = await maintain();
  expect(added.filter((line) => /^added sessions_\d{4}_\d\d$/.test(line))).toHaveLength(3);
  expect(added.filter((line) => /^added audit_events_\d$/.test(line))).toHaveLength(2);
  expect(await maintain()).toEqual([]);
});

onPlainTables("a month is dropped when its last session has expired, and not before", async () => {
  await connection.query(script.replace("month_after(now())", "date_trunc('month', now(), 'UTC')"));
  await connection.query(`
    insert into graphward.users (id, username, canonical_username, password_hash)
      values ('00000000-0000-4000-8000-000000000001', 'ada', 'ada', 'none');
    insert into graphward.sessions (id, user_id, token_digest, idle_expires_at, absolute_expires_at)
      values ('00000000-0000-7000-8000-000000000002', '00000000-0000-4000-8000-000000000001', 'a', now(), now() + interval '1 day')`);
  await maintain();
  expect(await count("sessions_before")).toBe(1);
  await connection.query("update graphward.sessions set absolute_expires_at = now()");
  expect(await maintain()).toEqual(["dropped sessions_before"]);
  expect(await count("sessions")).toBe(0);
});

onPlainTables("events beyond the first partition go on, and one with an event is never dropped", async () => {
  await connection.query(script.replace("+ 1000000", "+ 3"));
  await maintain();
  const insert = "insert into graphward.audit_events (type) select 'LOGOUT' from generate_series(1, 5)";
  await connection.query(insert);
  expect(await count("audit_events_before")).toBeGreaterThan(0);
  expect(await count("audit_events_0")).toBeGreaterThan(0);
  expect(await maintain()).toEqual([]);
  await connection.query("delete from graphward.audit_events where id <= 3");
  expect(await maintain()).toEqual(["dropped audit_events_before"]);
  await connection.query(insert);
  expect(await count("audit_events")).toBeGreaterThan(5);
});

onPlainTables(
  "without maintain(), rows go to the default partition, and its range is skipped later",
  async () => {
    await connection.query(script.replace("+ 1000000", "+ 3"));
    await connection.query(
      "insert into graphward.audit_events (type) select 'LOGOUT' from generate_series(1, 5)",
    );
    expect(await count("audit_events_default")).toBeGreaterThan(0);
    expect(await maintain()).not.toContain("added audit_events_0");
    expect(await count("audit_events")).toBe(5);
  },
);

onPlainTables("a role that may only read and write rows keeps its rights", async () => {
  const { name, drop } = await createRole();
  await connection.query(`grant select, insert on graphward.sessions to ${name}`);
  await connection.query(script);
  const { rows } = await connection.query(
    `select has_table_privilege($1, 'graphward.sessions', 'insert') as "mayInsert",
       has_table_privilege($1, 'graphward.sessions', 'delete') as "mayDelete"`,
    [name],
  );
  await connection.query("drop table graphward.sessions cascade");
  await drop();
  expect(rows).toEqual([{ mayInsert: true, mayDelete: false }]);
});
