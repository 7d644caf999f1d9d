// Filled databases of earlier versions, and how a test gets one.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { createDatabase, type TestDatabase } from "../harness/database/database.ts";
import { letQuote } from "../harness/logs/logs.ts";

export interface Description {
  readonly commit: string;
  readonly made: string;
  readonly sessionSecret: string;
  readonly auditKey: string;
  /** Each user has this one. */
  readonly password: string;
  /** They belong to a session of `grace`. */
  readonly cookies: Readonly<Record<string, string>>;
  readonly token: string;
  readonly accessToken: string | null;
  /** Recipients. */
  readonly waitingMail: readonly string[];
  readonly formerNames: readonly string[];
  readonly auditHead: string | null;
  /** By table. */
  readonly rows: Readonly<Record<string, number>>;
}

const folder = join(import.meta.dirname, "dumps");

export const dumps: readonly string[] = readdirSync(folder)
  .filter((file) => file.endsWith(".sql"))
  .map((file) => file.slice(0, -".sql".length));

export const describeDump = (name: string): Description =>
  JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8"));

/** PostgreSQL's log of the tests has the statements of a restore, and with them each value. */
const restoring = /-- Made by test\/upgrades\/make-dump\.ts/;

export const restoreDump = async (name: string): Promise<TestDatabase> => {
  letQuote(restoring);
  const database = await createDatabase({ empty: true });
  const client = new pg.Client(database.url);
  await client.connect();
  try {
    await client.query(readFileSync(join(folder, `${name}.sql`), "utf8"));
    // A dump leaves the search path empty, where triggers of the first versions find no table.
    await client.query("set search_path = public");
    await moveToNow(client, new Date(describeDump(name).made));
  } finally {
    await client.end();
  }
  return database;
};

/** As if the dump had been made now: sessions and links expire. The audit trail is sealed, and stays as it was. */
const moveToNow = async (client: pg.Client, made: Date): Promise<void> => {
  const { rows } = await client.query<{ tableName: string; columns: readonly string[] }>(
    `select format('%I.%I', nspname, relname) as "tableName", array_agg(quote_ident(attname)) as columns
     from pg_attribute join pg_class on pg_class.oid = attrelid join pg_namespace on pg_namespace.oid = relnamespace
     where atttypid = 'timestamptz'::regtype and attnum > 0 and not attisdropped and relkind = 'r'
       and nspname not in ('pg_catalog', 'information_schema') and relname !~ '^(audit_|.*migrations$)'
     group by 1`,
  );
  for (const { tableName, columns } of rows) {
    const moved = columns.map((column) => `${column} = ${column} + (now() - $1::timestamptz)`);
    await client.query(`update ${tableName} set ${moved.join(", ")}`, [made.toISOString()]);
  }
};
