// The migrations of this build, and whether a database has all of them.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "kysely";
import { newestJobMigration } from "./job-tables.ts";
import { inJobs, ownJobSchema, ownSchema, ownTable } from "./own-schema.ts";
import type { Database } from "./tables.ts";

export const migrationsDirectory = join(import.meta.dirname, "migrations");
export const migrationsTable = "migrations";

/** Reads MikroORM's own migrations table, which is much faster than loading MikroORM. The jobs' migrations count too. */
export async function isMigrated(database: Database): Promise<boolean> {
  const { rows: tables } = await sql`
    select from pg_catalog.pg_class join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
    where relname = ${migrationsTable} and nspname in (${ownSchema}, ${ownJobSchema})`.execute(database);
  if (tables.length < 2) return false;
  const { rows } = await sql<{ name: string }>`select name from ${ownTable("migrations")}`.execute(database);
  const recorded = new Set(rows.map(({ name }) => name));
  if (!(await migrationNames()).every((name) => recorded.has(name))) return false;
  const { rows: jobs } = await sql<{ newest: number | null }>`
    select max(id) as newest from ${inJobs("migrations")}`.execute(database);
  return Number(jobs[0]?.newest) >= newestJobMigration;
}

export async function migrationNames(): Promise<readonly string[]> {
  const files = await readdir(migrationsDirectory);
  return files.filter((file) => /\.[jt]s$/.test(file)).map((file) => file.slice(0, -".js".length));
}
