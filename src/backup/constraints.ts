// Takes foreign keys and triggers off the tables while rows come in, and puts them back, which checks every row.
import { sql } from "kysely";
import type { Database } from "../database/tables.ts";
import { identifier, keyOf, type Table } from "./catalog.ts";

/**
 * Rows come table by table, and refer to rows of later ones. A trigger would write again what the backup has already, and tell
 * servers of each row. Nobody sees the tables in between: it is all in one transaction.
 */
export async function withoutConstraints(
  database: Database,
  tables: readonly Table[],
  work: () => Promise<void>,
): Promise<void> {
  // Definitions then name their tables in full.
  await sql`set local search_path = pg_catalog`.execute(database);
  const keys = await findForeignKeys(database, tables);
  const triggers = await findTriggers(database, tables);
  for (const { name, ...table } of keys)
    await sql`alter table ${identifier(table.table)} drop constraint ${sql.id(name)}`.execute(database);
  for (const { name, table } of triggers)
    await sql`alter table ${identifier(table)} disable trigger ${sql.id(name)}`.execute(database);
  await work();
  for (const { name, table, state } of triggers)
    await sql`alter table ${identifier(table)} enable ${sql.raw(modes[state])} trigger ${sql.id(name)}`.execute(
      database,
    );
  for (const { name, table, definition } of keys)
    await sql`alter table ${identifier(table)} add constraint ${sql.id(name)} ${sql.raw(definition)}`.execute(
      database,
    );
}

interface Part {
  readonly name: string;
  readonly table: Table;
}

const findForeignKeys = async (database: Database, tables: readonly Table[]) => {
  const { rows } = await sql<Part & { readonly definition: string }>`
    select conname::text as name, json_build_object('schema', nspname, 'name', relname) as table,
      pg_get_constraintdef(pg_constraint.oid) as definition
    from pg_catalog.pg_constraint
    join pg_catalog.pg_class on pg_class.oid = conrelid
    join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
    where contype = 'f' and conparentid = 0
      and format('%s.%s', nspname, relname) = any(${tables.map(keyOf)}::text[])
    order by nspname, relname, conname`.execute(database);
  return rows;
};

/** As they were: a trigger that is off stays off. */
const modes = { O: "", A: "always", R: "replica" } as const;

const findTriggers = async (database: Database, tables: readonly Table[]) => {
  const { rows } = await sql<Part & { readonly state: keyof typeof modes }>`
    select tgname::text as name, json_build_object('schema', nspname, 'name', relname) as table, tgenabled as state
    from pg_catalog.pg_trigger
    join pg_catalog.pg_class on pg_class.oid = tgrelid
    join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
    where not tgisinternal and tgparentid = 0 and tgenabled <> 'D'
      and format('%s.%s', nspname, relname) = any(${tables.map(keyOf)}::text[])
    order by nspname, relname, tgname`.execute(database);
  return rows;
};
