// Puts the rows of a backup into the tables, in the transaction of the migrations.
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { sql } from "kysely";
import { from as copyFrom } from "pg-copy-streams";
import type { Filling, FillingConnection } from "../database/migrating/filling.ts";
import { jobSchemaOf } from "../database/own-schema.ts";
import type { Database } from "../database/tables.ts";
import { findTables, identifier, keyOf, placed, type Schemas } from "./catalog.ts";
import { withoutConstraints } from "./constraints.ts";
import { copyState } from "./copy-state.ts";
import type { BackedUpTable } from "./manifest.ts";
import type { Backup } from "./reading.ts";

export interface RestoreOptions {
  readonly schema: string;
  readonly applicationSchema: string;
  /** Tables of the application's schema to leave out, as `schema.name`. */
  readonly without: readonly string[];
  /** Runs in the transaction, once every row is there and every migration was run. */
  finish(database: Database): Promise<void>;
}

export function createFilling(backup: Backup, options: RestoreOptions): Filling {
  const { manifest } = backup;
  const schemas: Schemas = {
    own: options.schema,
    jobs: jobSchemaOf(options.schema),
    application: options.applicationSchema,
  };
  const tables = manifest.tables
    .map((table) => placed(table, schemas))
    .filter((table) => isOurs(table) || !options.without.includes(keyOf(table)));
  return {
    migrations: manifest.migrations,
    requireEmpty: (database) => requireEmpty(database, tables),
    fill: async ({ client, database }: FillingConnection) => {
      await requireTables(database, tables);
      await copyState(database);
      await withoutConstraints(database, tables, async () => {
        // Rows of a migration, and what a server that waits for its first user has counted.
        for (const table of tables) await sql`delete from ${identifier(table)}`.execute(database);
        await copyIn(backup, { client, database }, tables);
      });
      for (const sequence of manifest.sequences)
        await setSequence(database, placed(sequence, schemas), tables);
      await releaseJobs(database, schemas.jobs);
      for (const table of tables) await sql`analyze ${identifier(table)}`.execute(database);
    },
    finish: async (database) => {
      await refreshViews(database, [
        ...new Set(tables.filter((table) => !isOurs(table)).map(({ schema }) => schema)),
      ]);
      await options.finish(database);
    },
  };
}

/** These are filled by a start without users, or by migrations. All others hold what somebody did. */
const mayHaveRows = new Set([
  "rate_limits",
  "_private_tasks",
  "_private_known_crontabs",
  "_private_job_queues",
]);

/** Nothing is ever overwritten: there is no option for it. */
const requireEmpty = async (database: Database, tables: readonly BackedUpTable[]): Promise<void> => {
  const names = [...new Set(tables.map(({ schema }) => schema))];
  const there = new Set((await findTables(database, names)).map(keyOf));
  // Rows that a policy hides are rows.
  await sql`set local row_security = off`.execute(database);
  // Users first: the line that an operator understands best.
  for (const table of [...tables].sort((one, other) => Number(isUsers(other)) - Number(isUsers(one)))) {
    if (!there.has(keyOf(table)) || (isOurs(table) && mayHaveRows.has(table.name))) continue;
    const { rows } = await sql`select from ${identifier(table)} limit 1`.execute(database);
    if (rows.length > 0)
      throw new Error(
        `The table ${keyOf(table)} has rows: a backup is restored into an empty database only, and nothing was changed.`,
      );
  }
};

const isUsers = ({ place, name }: BackedUpTable): boolean => place === "own" && name === "users";

const isOurs = ({ place }: BackedUpTable): boolean => place === "own" || place === "jobs";

const requireTables = async (database: Database, tables: readonly BackedUpTable[]): Promise<void> => {
  const others = tables.filter(({ place }) => place === "other");
  const found = await findTables(database, [...new Set(tables.map(({ schema }) => schema))], others);
  const columnsOf = new Map(found.map((table) => [keyOf(table), new Set(table.columns)]));
  for (const table of tables) {
    const columns = columnsOf.get(keyOf(table));
    if (columns === undefined)
      throw new Error(
        `No migration makes the table ${keyOf(table)} of the backup. If it is another program's: --without ${keyOf(table)}. Nothing was restored.`,
      );
    const missing = table.columns.find((column) => !columns.has(column));
    if (missing !== undefined)
      throw new Error(
        `The table ${keyOf(table)} has no column ${missing}, and the backup has. Nothing was restored.`,
      );
  }
};

const copyIn = async (
  backup: Backup,
  { client }: FillingConnection,
  tables: readonly BackedUpTable[],
): Promise<void> => {
  const byFolder = new Map(tables.map((table) => [table.folder, table]));
  for await (const { folder, rows } of backup.tables()) {
    const table = byFolder.get(folder);
    if (table === undefined) {
      for await (const _ of rows);
      continue;
    }
    const columns = table.columns.map(quote).join(", ");
    const copy = client.query(
      copyFrom(`copy ${quote(table.schema)}.${quote(table.name)} (${columns}) from stdin`),
    );
    await pipeline(Readable.from(rows), copy);
    const { [folder]: sum } = backup.sums;
    if (copy.rowCount !== sum?.rows)
      throw new Error(
        `The table ${keyOf(table)} took ${copy.rowCount} rows, and the backup has ${sum?.rows}.`,
      );
  }
};

/** They are as the migrations filled them, without a row. In the order of their making: one may read another. */
const refreshViews = async (database: Database, schemas: readonly string[]): Promise<void> => {
  const { rows } = await sql<{ schema: string; name: string }>`
    select nspname::text as schema, relname::text as name from pg_catalog.pg_class
    join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
    where relkind = 'm' and relispopulated and nspname = any(${schemas}::text[]) and pg_has_role(relowner, 'usage')
    order by pg_class.oid`.execute(database);
  for (const view of rows) await sql`refresh materialized view ${identifier(view)}`.execute(database);
};

/** A sequence of another program is not there, or is a column's of a table that is not restored: set back, it would give numbers twice. */
const setSequence = async (
  database: Database,
  {
    schema,
    name,
    value,
    isCalled,
  }: { readonly schema: string; readonly name: string; readonly value: string; readonly isCalled: boolean },
  tables: readonly BackedUpTable[],
): Promise<void> => {
  await sql`select setval(pg_class.oid::regclass, ${value}::bigint, ${isCalled}) from pg_catalog.pg_class
    join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
    where nspname = ${schema} and relname = ${name} and relkind = 'S' and not exists (
      select from pg_catalog.pg_depend
      join pg_catalog.pg_class as owner on owner.oid = refobjid
      join pg_catalog.pg_namespace as place on place.oid = owner.relnamespace
      where classid = 'pg_catalog.pg_class'::regclass and refclassid = 'pg_catalog.pg_class'::regclass
        and objid = pg_class.oid and deptype in ('a', 'i')
        and format('%s.%s', place.nspname, owner.relname) <> all(${tables.map(keyOf)}::text[]))`.execute(
    database,
  );
};

/** The workers that had them are gone. A mail that was just being sent is sent once more, with the same Message-ID. */
const releaseJobs = async (database: Database, jobs: string): Promise<void> => {
  for (const name of ["_private_jobs", "_private_job_queues"])
    await sql`update ${identifier({ schema: jobs, name })} set locked_at = null, locked_by = null
      where locked_at is not null`.execute(database);
};

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
