// Lets time pass for what is stored: all of its times move back, so that a test of an expiry need not wait.
import { sql } from "kysely";
import { inJobs } from "../database/own-schema.ts";
import type { Database } from "../database/tables.ts";

export interface WhatAges {
  /** Only rows of this user: those that refer to it by a foreign key, and its own. Without it: all rows. */
  readonly user?: { readonly id: string };
}

interface Table {
  readonly schema: string;
  readonly name: string;
  readonly times: readonly string[];
  /** Columns that refer to a user. */
  readonly users: readonly string[];
}

export async function passTime(
  database: Database,
  { ours, duration, user }: { readonly ours: string; readonly duration: number } & WhatAges,
): Promise<void> {
  for (const { schema, name, times, users } of await findTables(database, ours)) {
    const isOf = users.map((column) => sql`${sql.ref(column)} = ${user?.id}`);
    if (user && isOf.length === 0) continue;
    const moved = times.map(
      (column) => sql`${sql.ref(column)} = ${sql.ref(column)} - ${`${duration} milliseconds`}::interval`,
    );
    const which = user ? sql`where ${sql.join(isOf, sql` or `)}` : sql``;
    await sql`update ${sql.table(`${schema}.${name}`)} set ${sql.join(moved)} ${which}`.execute(database);
  }
  if (user) return;
  await sql`update ${inJobs("_private_jobs")} set run_at = run_at - ${`${duration} milliseconds`}::interval
    where locked_at is null`.execute(database);
  // Workers look for due jobs when they hear of a new one.
  await sql`select pg_notify('jobs:insert', '{"count":4}')`.execute(database);
}

const untouched = ["audit_events", "audit_anchors", "role_members", "migrations", "application_migrations"];

/**
 * Those with times, ours and the application's. Not the audit trail, whose rows are sealed, and not `role_members`, which a trigger
 * keeps equal to `users`.
 */
const findTables = async (database: Database, ours: string): Promise<readonly Table[]> => {
  const { rows } = await sql<Table>`
    select nspname as schema, relname as name,
      array_agg(attname::text) filter (where atttypid in ('timestamptz'::regtype, 'timestamp'::regtype)) as times,
      array_agg(attname::text) filter (where attnum = any(referring) or (pg_class.oid = users.id and attname = 'id')) as users
    from pg_catalog.pg_class
      join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
      join pg_catalog.pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped and attgenerated = ''
      cross join (select (quote_ident(${ours}) || '.users')::regclass::oid as id) as users
      cross join lateral (
        select coalesce(array_agg(conkey[1]), '{}') as referring from pg_catalog.pg_constraint
        where conrelid = pg_class.oid and confrelid = users.id and contype = 'f' and cardinality(conkey) = 1
      ) as keys
    where relkind in ('r', 'p') and not relispartition
      and nspname <> 'information_schema' and nspname not like 'pg\\_%' and nspname <> ${`${ours}_jobs`}
      and not (nspname = ${ours} and relname = any(${untouched}))
    group by nspname, relname
    having bool_or(atttypid in ('timestamptz'::regtype, 'timestamp'::regtype))`.execute(database);
  return rows.map((row) => ({ ...row, users: row.users ?? [] }));
};
