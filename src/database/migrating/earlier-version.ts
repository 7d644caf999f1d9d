// Moves the tables of a version before DATABASE_SCHEMA, which stood where the search path led, into the schema of our own.
import { sql } from "kysely";
import { migrationsTable } from "../migration-files.ts";
import { jobSchemaOf } from "../own-schema.ts";
import type { Tables } from "../tables.ts";

/** A transaction of a migration. Its statements name their schemas themselves. */
export type Migrating = Parameters<ReturnType<typeof sql>["execute"]>[0];

/** The migration after which everything has its schema. */
const firstWithSchema = "20261128050000-own-schema";

/** Which migration made a table: one that is not recorded here made no table, and one of that name is somebody else's. */
const madeBy: Readonly<Partial<Record<keyof Tables, string>>> = {
  users: "20261123211253-users-and-sessions",
  sessions: "20261123211253-users-and-sessions",
  audit_events: "20261125043608-audit-events",
  audit_anchors: "20261125043608-audit-events",
  one_time_tokens: "20261125043903-one-time-tokens",
  access_tokens: "20261125072146-access-tokens",
  roles: "20261125131930-roles",
  known_devices: "20261125132857-known-devices",
  rate_limits: "20261125133554-rate-limits",
  role_members: "20261125133737-account-lists",
  reserved_usernames: "20261125141547-reserved-usernames",
};

const functions = {
  notify_deleted_sessions: "20261123224500-revocation-notices",
  notify_changed_sessions: "20261123224500-revocation-notices",
  notify_changed_users: "20261123224500-revocation-notices",
  notify_truncated: "20261123224500-revocation-notices",
  notify_deleted_access_tokens: "20261125072146-access-tokens",
  notify_changed_access_tokens: "20261125072146-access-tokens",
  copy_role_members: "20261125133737-account-lists",
} as const;

const earlierJobSchema = "graphile_worker";

const earlierMail = [
  "verify-address",
  "reset-password",
  "address-change-confirm",
  "address-changed",
  "invitation",
  "reset-requested",
  "address-taken",
  "password-changed",
  "username-changed",
  "access-token-created",
  "token-leaked",
  "roles-changed",
  "impersonated",
  "new-device",
  "account-deleted",
].map((template) => `mail:${template}`);

/** The lock under which an earlier version migrates: "graphward" in ASCII, cut to eight bytes. */
const earlierLock = 0x67_72_61_70_68_77_61_72n;

/** The recorded names, or null when this schema has no such table, or one that is somebody else's. */
export async function findRecorded(
  transaction: Migrating,
  schema: string,
): Promise<readonly string[] | null> {
  const { rows: columns } = await sql<{ name: string }>`
    select attname as name from pg_catalog.pg_attribute
    join pg_catalog.pg_class on pg_class.oid = attrelid
    join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
    where nspname = ${schema} and relname = ${migrationsTable} and relkind = 'r' and attnum > 0 and not attisdropped
      and has_column_privilege(attrelid, attnum, 'select') and has_schema_privilege(relnamespace, 'usage')`.execute(
    transaction,
  );
  const found = columns.map(({ name }) => name).sort();
  if (found.join() !== "executed_at,id,name") return null;
  const { rows } = await sql<{ name: string }>`
    select name::text from ${sql.table(`${schema}.${migrationsTable}`)}`.execute(transaction);
  const names = rows.map(({ name }) => name);
  return names.includes(madeBy.users ?? "") ? names : null;
}

/** The first schema of the search path with our tables, or `public`. Null when there is none besides `schema`. */
export async function findEarlierSchema(transaction: Migrating, schema: string): Promise<string | null> {
  const { rows } = await sql<{ schemas: readonly string[] }>`
    select (current_schemas(false) || 'public'::name)::text[] as schemas`.execute(transaction);
  for (const candidate of new Set(rows[0]?.schemas)) {
    if (candidate === schema) continue;
    const recorded = await findRecorded(transaction, candidate);
    if (recorded !== null && !recorded.includes(firstWithSchema)) return candidate;
  }
  return null;
}

/** A schema whose tables an earlier version made: the jobs of its mail are elsewhere. */
export function isEarlier(recorded: readonly string[]): boolean {
  return !recorded.includes(firstWithSchema);
}

/** Tables take their rows, sequences, indexes and triggers with them. A running server of the earlier version fails from here on. */
export async function moveTables(transaction: Migrating, from: string, to: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(${earlierLock.toString()}::bigint)`.execute(transaction);
  const recorded = new Set(await findRecorded(transaction, from));
  const isThere = ([, migration]: [string, string]) => recorded.has(migration);
  const tables = Object.entries(madeBy).filter(isThere);
  const names = [...tables.map(([name]) => name), migrationsTable].map((name) =>
    sql.table(`${from}.${name}`),
  );
  // All at once: a server that uses two of them would otherwise meet the second one moved.
  await sql`lock table ${sql.join(names)} in access exclusive mode`.execute(transaction);
  for (const name of names) await sql`alter table ${name} set schema ${sql.id(to)}`.execute(transaction);
  for (const [name] of Object.entries(functions).filter(isThere))
    await sql`alter function ${sql.table(`${from}.${name}`)}() set schema ${sql.id(to)}`.execute(transaction);
}

/**
 * Takes our mail out of the schema that graphile-worker uses by default. The rest of that schema may be the application's. Jobs
 * keep their numbers, which are part of the Message-ID.
 */
export async function moveMail(transaction: Migrating, schema: string): Promise<void> {
  const tables = ["_private_jobs", "_private_tasks"];
  const [jobs, tasks] = tables.map((name) => sql.table(`${earlierJobSchema}.${name}`));
  const [ourJobs, ourTasks] = tables.map((name) => sql.table(`${jobSchemaOf(schema)}.${name}`));
  const { rows } = await sql`
    select from pg_catalog.pg_class join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
    where nspname = ${earlierJobSchema} and relname = any(${tables}::text[])`.execute(transaction);
  if (rows.length < tables.length) return;
  await sql`insert into ${ourTasks} (identifier)
    select identifier from ${tasks} where identifier = any(${earlierMail}::text[]) on conflict do nothing`.execute(
    transaction,
  );
  // Two environments in one database shared the queue: a mail goes with its user.
  await sql`
    with moved as (
      delete from ${jobs} as jobs using ${tasks} as tasks
      where tasks.id = jobs.task_id and identifier = any(${earlierMail}::text[])
        and (payload->>'userId' is null
          or exists (select from ${sql.table(`${schema}.users`)} as users where users.id::text = payload->>'userId'))
      returning jobs.*, identifier)
    insert into ${ourJobs} (id, task_id, payload, priority, run_at, attempts, max_attempts, last_error, created_at,
      updated_at, key, locked_at, locked_by, revision, flags)
    overriding system value
    select moved.id, tasks.id, payload, priority, run_at, attempts, max_attempts, last_error, created_at,
      updated_at, key, locked_at, locked_by, revision, flags
    from moved join ${ourTasks} as tasks using (identifier)`.execute(transaction);
  await sql`select setval(pg_get_serial_sequence(${`${jobSchemaOf(schema)}._private_jobs`}, 'id'), greatest(max(id), 1))
    from ${ourJobs}`.execute(transaction);
}
