// The migrations of this build, and those that a database lacks.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "kysely";
import type { ApplicationTables } from "./application-tables.ts";
import { newestJobMigration } from "./migrating/job-tables.ts";
import { inJobs, ownJobSchema, ownSchema, ownTable } from "./own-schema.ts";
import type { Database } from "./tables.ts";

export const migrationsDirectory = join(import.meta.dirname, "migrations");
export const migrationsTable = "migrations";
/** In our schema: a table named `migrations` beside the application's tables may be somebody else's. */
export const applicationMigrationsTable = "application_migrations";

/**
 * Empty when every migration of this build was run, those of the jobs and of the application too. Reads MikroORM's own migrations table, which is much
 * faster than loading MikroORM.
 */
export async function findMissingMigrations(
  database: Database,
  { migrations }: Pick<ApplicationTables, "migrations">,
): Promise<readonly string[]> {
  const { rows } = await sql<{ own: boolean; applications: boolean; jobs: boolean; jobSchema: string }>`
    select coalesce(bool_or(nspname = ${ownSchema} and relname = ${migrationsTable}), false) as own,
      coalesce(bool_or(nspname = ${ownSchema} and relname = ${applicationMigrationsTable}), false) as applications,
      coalesce(bool_or(nspname = ${ownJobSchema}), false) as jobs, ${ownJobSchema}::text as "jobSchema"
    from pg_catalog.pg_class join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
    where relname in (${migrationsTable}, ${applicationMigrationsTable}) and nspname in (${ownSchema}, ${ownJobSchema})`.execute(
    database,
  );
  const [{ own, applications, jobs, jobSchema }] = rows as [(typeof rows)[number]];
  const isRecent = jobs && (await findNewestJobMigration(database)) >= newestJobMigration;
  return [
    ...(await findMissing(database, migrationsDirectory, own ? "migrations" : null)),
    ...(isRecent ? [] : [jobSchema]),
    ...(migrations === null
      ? []
      : await findMissing(database, migrations, applications ? "application_migrations" : null)),
  ];
}

/** `recordedIn`: null before the table is there. */
const findMissing = async (
  database: Database,
  directory: string,
  recordedIn: "migrations" | "application_migrations" | null,
): Promise<readonly string[]> => {
  const recorded = recordedIn === null ? new Set<string>() : await findRecordedNames(database, recordedIn);
  return (await migrationNames(directory)).filter((name) => !recorded.has(name));
};

/** Whether the migrations that were run are the first of this database: it had no users before. */
export const createsUsers = (migrations: readonly string[]): boolean =>
  migrations.some((name) => name.replaceAll("_", "-").endsWith("-users-and-sessions"));

const findRecordedNames = async (
  database: Database,
  table: "migrations" | "application_migrations",
): Promise<ReadonlySet<string>> => {
  const { rows } = await sql<{ name: string }>`select name from ${ownTable(table)}`.execute(database);
  return new Set(rows.map(({ name }) => name));
};

const findNewestJobMigration = async (database: Database): Promise<number> => {
  const { rows } = await sql<{ newest: number | null }>`
    select max(id) as newest from ${inJobs("migrations")}`.execute(database);
  return Number(rows[0]?.newest);
};

export interface RecordedMigrations {
  readonly own: readonly string[];
  readonly application: readonly string[];
  /** The number of graphile-worker's newest. */
  readonly jobs: number;
}

/** Null before the first migration. */
export async function findRecordedMigrations(database: Database): Promise<RecordedMigrations | null> {
  const { rows } = await sql<{ name: string }>`
    select relname::text as name from pg_catalog.pg_class join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
    where relname in (${migrationsTable}, ${applicationMigrationsTable}) and nspname = ${ownSchema}`.execute(
    database,
  );
  const there = new Set(rows.map(({ name }) => name));
  if (!there.has(migrationsTable)) return null;
  const application = there.has(applicationMigrationsTable)
    ? await findRecordedNames(database, "application_migrations")
    : [];
  return {
    own: [...(await findRecordedNames(database, "migrations"))].sort(),
    application: [...application].sort(),
    jobs: await findNewestJobMigration(database),
  };
}

/** The directory of an application that has no migration yet may be missing: Git keeps no empty one. */
export async function migrationNames(directory: string): Promise<readonly string[]> {
  const files = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return files
    .filter((file) => /\.[jt]s$/.test(file) && !file.endsWith(".d.ts"))
    .map((file) => file.slice(0, -".js".length))
    .sort();
}
