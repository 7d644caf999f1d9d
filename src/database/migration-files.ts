// The migrations of this build, and those that a database lacks.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "kysely";
import { newestJobMigration } from "./migrating/job-tables.ts";
import { inJobs, ownJobSchema, ownSchema, ownTable } from "./own-schema.ts";
import type { Database } from "./tables.ts";

export const migrationsDirectory = join(import.meta.dirname, "migrations");
export const migrationsTable = "migrations";

/**
 * Empty when every migration of this build was run, those of the jobs too. Reads MikroORM's own migrations table, which is much
 * faster than loading MikroORM.
 */
export async function findMissingMigrations(database: Database): Promise<readonly string[]> {
  const { rows } = await sql<{ own: boolean; jobs: boolean; jobSchema: string }>`
    select coalesce(bool_or(nspname = ${ownSchema}), false) as own,
      coalesce(bool_or(nspname = ${ownJobSchema}), false) as jobs, ${ownJobSchema}::text as "jobSchema"
    from pg_catalog.pg_class join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
    where relname = ${migrationsTable} and nspname in (${ownSchema}, ${ownJobSchema})`.execute(database);
  const [{ own, jobs, jobSchema }] = rows as [(typeof rows)[number]];
  const recorded = own ? await findRecordedNames(database) : new Set<string>();
  const missing = (await migrationNames()).filter((name) => !recorded.has(name));
  return jobs && (await findNewestJobMigration(database)) >= newestJobMigration
    ? missing
    : [...missing, jobSchema];
}

/** Whether the migrations that were run are the first of this database: it had no users before. */
export const createsUsers = (migrations: readonly string[]): boolean =>
  migrations.some((name) => name.replaceAll("_", "-").endsWith("-users-and-sessions"));

const findRecordedNames = async (database: Database): Promise<ReadonlySet<string>> => {
  const { rows } = await sql<{ name: string }>`select name from ${ownTable("migrations")}`.execute(database);
  return new Set(rows.map(({ name }) => name));
};

const findNewestJobMigration = async (database: Database): Promise<number> => {
  const { rows } = await sql<{ newest: number | null }>`
    select max(id) as newest from ${inJobs("migrations")}`.execute(database);
  return Number(rows[0]?.newest);
};

async function migrationNames(): Promise<readonly string[]> {
  const files = await readdir(migrationsDirectory);
  return files
    .filter((file) => /\.[jt]s$/.test(file))
    .map((file) => file.slice(0, -".js".length))
    .sort();
}
