// The rights that a role needs to serve requests but not to migrate: granting them, and naming one that is missing.
import { sql } from "kysely";
import { applicationMigrationsTable, migrationsTable } from "../migration-files.ts";
import { jobSchemaOf, ownJobSchema, ownSchema } from "../own-schema.ts";
import type { Database } from "../tables.ts";
import type { Migrating } from "./earlier-version.ts";

/** graphile-worker shows its rows to their owner only. The policy also keeps which roles we granted to. */
const policy = "graphward serving";

export interface Granted {
  readonly schema: string;
  /** The tables of the application's entities. */
  readonly tables: readonly Table[];
}

export interface Table {
  readonly schema: string;
  readonly name: string;
}

export async function grantServing(
  transaction: Migrating,
  { schema, tables }: Granted,
  role: string,
): Promise<void> {
  const { rows } = await sql`select from pg_catalog.pg_roles where rolname = ${role}`.execute(transaction);
  if (rows.length === 0) throw new Error(`--grant-to: the role ${role} does not exist.`);
  const to = sql.id(role);
  for (const name of [schema, jobSchemaOf(schema)]) await grantAll(transaction, name, role);
  const lists = [
    `${schema}.${migrationsTable}`,
    `${jobSchemaOf(schema)}.${migrationsTable}`,
    ...(tables.length > 0 ? [`${schema}.${applicationMigrationsTable}`] : []),
  ];
  // A role that could write there could make the next migration fail, or believe that it was run.
  for (const list of lists)
    await sql`revoke insert, update, delete on ${sql.table(list)} from ${to}`.execute(transaction);
  for (const table of tables) await grantTable(transaction, table, role);
  await showRows(transaction, jobSchemaOf(schema), role);
}

const grantAll = async (transaction: Migrating, schema: string, role: string): Promise<void> => {
  for (const right of [
    "usage on schema",
    "select, insert, update, delete on all tables in schema",
    "usage, select on all sequences in schema",
    "execute on all functions in schema",
  ])
    await sql`grant ${sql.raw(right)} ${sql.id(schema)} to ${sql.id(role)}`.execute(transaction);
};

/** Each by its name: a schema such as `public` has tables of other programs too, which are not ours to give. */
const grantTable = async (transaction: Migrating, { schema, name }: Table, role: string): Promise<void> => {
  const [table, to] = [sql.table(`${schema}.${name}`), sql.id(role)];
  await sql`grant usage on schema ${sql.id(schema)} to ${to}`.execute(transaction);
  await sql`grant select, insert, update, delete on table ${table} to ${to}`.execute(transaction);
  const { rows } = await sql<{ sequence: string }>`
    select sequences.relname as sequence from pg_catalog.pg_depend
    join pg_catalog.pg_class as sequences on sequences.oid = objid and sequences.relkind = 'S'
    where refobjid = ${`${quoted(schema)}.${quoted(name)}`}::regclass and deptype in ('a', 'i')`.execute(
    transaction,
  );
  for (const { sequence } of rows)
    await sql`grant usage, select on sequence ${sql.table(`${schema}.${sequence}`)} to ${to}`.execute(
      transaction,
    );
};

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** New tables of this migration, for the roles of earlier grants. */
export async function grantAgain(transaction: Migrating, schemas: Granted): Promise<void> {
  const { rows } = await sql<{ role: string }>`
    select distinct rolname as role from pg_catalog.pg_policy
    join pg_catalog.pg_class on pg_class.oid = polrelid
    join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
    join pg_catalog.pg_roles on pg_roles.oid = any(polroles)
    where polname = ${policy} and nspname = ${jobSchemaOf(schemas.schema)}`.execute(transaction);
  for (const { role } of rows) await grantServing(transaction, schemas, role);
}

const showRows = async (transaction: Migrating, schema: string, role: string): Promise<void> => {
  const { rows } = await sql<{ name: string; roles: readonly string[] | null }>`
    select relname as name, (
      select array_agg(rolname::text) from pg_catalog.pg_policy join pg_catalog.pg_roles on pg_roles.oid = any(polroles)
      where polrelid = pg_class.oid and polname = ${policy}) as roles
    from pg_catalog.pg_class join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
    where nspname = ${schema} and relrowsecurity`.execute(transaction);
  for (const { name, roles } of rows) {
    const table = sql.table(`${schema}.${name}`);
    const to = sql.join([...new Set([...(roles ?? []), role])].map((one) => sql.id(one)));
    if (roles === null)
      await sql`create policy ${sql.id(policy)} on ${table} to ${to} using (true) with check (true)`.execute(
        transaction,
      );
    else await sql`alter policy ${sql.id(policy)} on ${table} to ${to}`.execute(transaction);
  }
};

/** Throws an error that names the first rights that the connected role lacks to serve requests. Without tables, none is missing. */
export async function requireRights(database: Database): Promise<void> {
  const { rows } = await missingRights.execute(database);
  if (rows.length === 0) return;
  const [{ role, schema }] = rows as [(typeof rows)[number]];
  const named = rows.map(({ right }) => right);
  const shown = [
    ...named.slice(0, maxNamed),
    ...(named.length > maxNamed ? [`${named.length - maxNamed} more`] : []),
  ];
  throw new Error(
    `The role ${role} lacks rights on the schema ${schema}: ${shown.join(", ")}. Run graphward migrate --grant-to ${role} as the owner of the tables.`,
  );
}

const maxNamed = 3;

const isForUs = sql`(polroles = '{0}' or exists (
  select from unnest(polroles) as member where pg_has_role(member, 'usage')))`;

/**
 * `case`, because PostgreSQL may ask a function about an index before it looks at `relkind`. Columns count one by one, because a right on all columns is as good as one on the table. Rows that a policy hides would be
 * missed in silence: only a policy that shows all of them is enough, and no restrictive one. Our functions come first: to
 * ask about each of PostgreSQL's three thousand takes longer than the rest of a start.
 */
const missingRights = sql<{ role: string; schema: string; right: string }>`
  with spaces as (
    select oid, nspname, has_schema_privilege(oid, 'usage') as usable from pg_catalog.pg_namespace
    where nspname in (${ownSchema}, ${ownJobSchema})),
  relations as (
    select pg_class.oid, relname, relkind, format('%s.%s', nspname, relname) as name
    from pg_catalog.pg_class join spaces on spaces.oid = relnamespace),
  functions as materialized (
    select pg_proc.oid, format('%s.%s', nspname, proname) as name
    from pg_catalog.pg_proc join spaces on spaces.oid = pronamespace
    where prorettype <> 'trigger'::regtype),
  missing as (
    select 1 as place, format('usage on schema %s', nspname) as "right" from spaces where not usable
    union all
    select 2, format('%s on %s', privilege, name) from relations, unnest(array['select', 'insert', 'update', 'delete']) as privilege
    where (relkind in ('r', 'p') or relkind = 'v' and privilege = 'select')
      and (privilege = 'select' or relname not in (${migrationsTable}, ${applicationMigrationsTable}))
      and not has_table_privilege(oid, privilege)
      and (privilege = 'delete' or exists (
        select from pg_catalog.pg_attribute where attrelid = relations.oid and attnum > 0 and not attisdropped
          and not has_column_privilege(attrelid, attnum, privilege)))
    union all
    select 3, format('usage on sequence %s', name) from relations
    where case when relkind = 'S' then not has_sequence_privilege(oid, 'usage') else false end
      and not exists (select from pg_catalog.pg_depend where objid = relations.oid and deptype = 'i')
    union all
    select 4, format('execute on function %s', name) from functions where not has_function_privilege(oid, 'execute')
    union all
    select 5, format('a policy that shows all rows of %s', name) from relations
    where case when relkind in ('r', 'p') then row_security_active(oid) else false end and (
      not exists (select from pg_catalog.pg_policy
        where polrelid = relations.oid and polpermissive and polcmd = '*' and ${isForUs}
          and coalesce(pg_get_expr(polqual, polrelid), 'true') = 'true'
          and coalesce(pg_get_expr(polwithcheck, polrelid), 'true') = 'true')
      or exists (select from pg_catalog.pg_policy where polrelid = relations.oid and not polpermissive and ${isForUs})))
  select current_user::text as role, ${ownSchema}::text as schema, "right" from missing order by place, "right"`;
