// Which tables and sequences a database has: ours, those of the jobs and those of the application.
import { type RawBuilder, sql } from "kysely";
import type { Database } from "../database/tables.ts";
import type { BackedUpSequence, BackedUpTable, Place } from "./manifest.ts";

export interface Schemas {
  readonly own: string;
  readonly jobs: string;
  readonly application: string;
}

export interface Table {
  readonly schema: string;
  readonly name: string;
}

interface FoundTable extends Table {
  readonly isPartitioned: boolean;
  readonly columns: readonly string[];
}

/** The lists of migrations are no rows: a restore runs the migrations, which write them. */
const lists = ["migrations", "application_migrations"];

/**
 * Views have no rows of their own, the tables of an extension come with it, and a partitioned table is read as a whole. `others`:
 * tables of the application that are not in its schema.
 */
export async function findTables(
  database: Database,
  schemas: readonly string[],
  others: readonly Table[] = [],
): Promise<readonly FoundTable[]> {
  const { rows } = await sql<FoundTable>`
    select nspname::text as schema, relname::text as name, relkind = 'p' as "isPartitioned", array(
      select attname::text from pg_catalog.pg_attribute
      where attrelid = pg_class.oid and attnum > 0 and not attisdropped and attgenerated = '' order by attnum) as columns
    from pg_catalog.pg_class join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
    where relkind in ('r', 'p') and not relispartition
      and (nspname = any(${schemas}::text[]) or format('%s.%s', nspname, relname) = any(${others.map(keyOf)}::text[]))
      and not exists (select from pg_catalog.pg_depend
        where classid = 'pg_catalog.pg_class'::regclass and objid = pg_class.oid and deptype = 'e')
    order by nspname, relname`.execute(database);
  return rows.filter(({ columns }) => columns.length > 0);
}

/** `without`: tables of other programs, as `schema.name`. */
export async function findBackedUpTables(
  database: Database,
  schemas: Schemas,
  {
    others,
    without,
    hasApplication,
  }: {
    readonly others: readonly Table[];
    readonly without: readonly string[];
    readonly hasApplication: boolean;
  },
): Promise<readonly BackedUpTable[]> {
  const names = [schemas.own, schemas.jobs, ...(hasApplication ? [schemas.application] : [])];
  const found = await findTables(database, names, others);
  const isChosen = (table: Table) =>
    !isList(table, schemas) &&
    (["own", "jobs"].includes(placeOf(table, schemas)) || !without.includes(keyOf(table)));
  const chosen = found.filter(isChosen);
  return chosen.map((table, index) => ({
    ...table,
    columns: [...table.columns],
    place: placeOf(table, schemas),
    folder: `tables/${String(index + 1).padStart(4, "0")}-${table.name.replaceAll(/[^\w.-]/g, "_").slice(0, 60)}`,
  }));
}

/** Only those that the role may read: in a schema that others use too, the rest is theirs. */
export async function findSequences(
  database: Database,
  schemas: Schemas,
  tables: readonly BackedUpTable[],
): Promise<readonly BackedUpSequence[]> {
  const names = [...new Set(tables.map(({ schema }) => schema))];
  const { rows } = await sql<Table>`
    select nspname::text as schema, relname::text as name
    from pg_catalog.pg_class join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
    where nspname = any(${names}::text[])
      and case when relkind = 'S' then has_sequence_privilege(pg_class.oid, 'select') else false end
    order by nspname, relname`.execute(database);
  const sequences: BackedUpSequence[] = [];
  for (const { schema, name } of rows) {
    const { rows: values } = await sql<{ value: string; isCalled: boolean }>`
      select last_value::text as value, is_called as "isCalled" from ${identifier({ schema, name })}`.execute(
      database,
    );
    for (const value of values)
      sequences.push({ place: placeOf({ schema }, schemas), schema, name, ...value });
  }
  return sequences;
}

/** Each part in quotes: a name may have a dot. */
export function identifier({ schema, name }: Table): RawBuilder<unknown> {
  return sql`${sql.id(schema)}.${sql.id(name)}`;
}

export function keyOf({ schema, name }: Table): string {
  return `${schema}.${name}`;
}

/** Where a table of the backup is in a database with these schemas. */
export function placed<Named extends Table & { readonly place: Place }>(
  table: Named,
  schemas: Schemas,
): Named {
  return table.place === "other" ? table : { ...table, schema: schemas[table.place] };
}

const placeOf = ({ schema }: Pick<Table, "schema">, { own, jobs, application }: Schemas): Place => {
  if (schema === own) return "own";
  if (schema === jobs) return "jobs";
  return schema === application ? "application" : "other";
};

const isList = ({ schema, name }: Table, { own, jobs }: Schemas): boolean =>
  (schema === own && lists.includes(name)) || (schema === jobs && name === "migrations");
