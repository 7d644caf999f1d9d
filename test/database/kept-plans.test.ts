import { sql } from "kysely";
import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createPool, impatientOptions } from "../../src/database/connecting/connection.ts";
import { keepPlanOf } from "../../src/database/connecting/prepared-names.ts";
import type { Pooling } from "../../src/database/connecting/session-state.ts";
import { Client } from "../harness/client.ts";
import { createDatabase, routeTo, type TestDatabase } from "../harness/database/database.ts";
import { startApp } from "../harness/server.ts";
import { LogInDocument, PrivateDocument } from "../operations/generated/graphql.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

const withConnection = async (
  pooling: Pooling,
  use: (connection: pg.PoolClient) => Promise<void>,
): Promise<void> => {
  const pool = createPool(impatientOptions({ ...routeTo(database.url), pooling }), 1);
  const connection = await pool.connect();
  try {
    await use(connection);
  } finally {
    connection.release();
    await pool.end();
  }
};

const countPlans = async (connection: pg.PoolClient): Promise<number> => {
  const { rows } = await connection.query<{ count: number }>(
    "select count(*)::int as count from pg_prepared_statements",
  );
  return rows[0]?.count ?? -1;
};

test("the statements of logins and of requests are planned once for each connection", async () => {
  const app = await startApp({ DATABASE_CONNECTIONS: "2", VIEWER_CACHE: "off" });
  try {
    const user = await app.createUser();
    const plansAfterLogin = async () => {
      const client = new Client(app);
      await client.run(LogInDocument, { username: user.username, password: user.password });
      const { data } = await client.run(PrivateDocument);
      expect(data?.private?.message).toContain(user.username);
      const plans = sql<{ statement: string }>`select statement from pg_prepared_statements order by name`;
      return (await plans.execute(app.server.database.database)).rows.map(({ statement }) => statement);
    };
    const plans = await plansAfterLogin();
    expect(plans.filter((text) => text.includes("last_login_at"))).toHaveLength(1);
    expect(plans.filter((text) => text.includes('_digest" = '))).toHaveLength(1);
    expect(await plansAfterLogin()).toEqual(plans);
  } finally {
    await app.close();
  }
});

test("a statement whose columns a migration has changed runs on, and is planned anew", () =>
  withConnection("none", async (connection) => {
    await connection.query("create table changing (value int)");
    await connection.query("insert into changing values (7)");
    const text = "select * from changing where value::text = $1";
    keepPlanOf(text);
    const read = async () => (await connection.query(text, ["7"])).rows;
    expect(await read()).toEqual([{ value: 7 }]);
    expect(await countPlans(connection)).toBe(1);
    await connection.query("alter table changing add column other int");
    expect(await read()).toEqual([{ value: 7, other: null }]);
  }));

test("in a transaction it fails once, and never again on this connection", () =>
  withConnection("none", async (connection) => {
    await connection.query("create table changed (value int)");
    const text = "select * from changed where value::text = $1";
    keepPlanOf(text);
    const readInTransaction = async () => {
      await connection.query("begin");
      return connection.query(text, ["7"]).finally(() => connection.query("rollback"));
    };
    await readInTransaction();
    await connection.query("alter table changed add column other int");
    await expect(readInTransaction()).rejects.toThrow("cached plan");
    await expect(readInTransaction()).resolves.toMatchObject({ rows: [] });
  }));

test("behind a pooler, no connection keeps a plan, which another client would meet", async () => {
  for (const pooling of ["session", "transaction"] as const)
    await withConnection(pooling, async (connection) => {
      const text = `select $1::text as ${pooling}`;
      keepPlanOf(text);
      await connection.query(text, ["a"]);
      expect(await countPlans(connection)).toBe(0);
    });
});

test("only a hundred plans are kept, however many texts ask for it", () =>
  withConnection("none", async (connection) => {
    for (let number = 0; number < 120; number += 1) {
      const text = `select $1::text as column_${number}`;
      keepPlanOf(text);
      await connection.query(text, ["a"]);
    }
    const count = await countPlans(connection);
    expect(count).toBeGreaterThan(50);
    expect(count).toBeLessThanOrEqual(100);
  }));
