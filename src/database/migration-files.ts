// The migrations of this build, and whether a database has all of them.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "kysely";
import type { Database } from "./tables.ts";

export const migrationsDirectory = join(import.meta.dirname, "migrations");
export const migrationsTable = "migrations";

/** Reads MikroORM's own migrations table, which is much faster than loading MikroORM. */
export async function isMigrated(database: Database): Promise<boolean> {
  const table = await sql<{ name: string | null }>`select to_regclass(${migrationsTable}) as name`.execute(
    database,
  );
  if (table.rows[0]?.name == null) return false;
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(migrationsTable)}`.execute(
    database,
  );
  const recorded = new Set(rows.map(({ name }) => name));
  return (await migrationNames()).every((name) => recorded.has(name));
}

const migrationNames = async (): Promise<readonly string[]> => {
  const files = await readdir(migrationsDirectory);
  return files.filter((file) => /\.[jt]s$/.test(file)).map((file) => file.slice(0, -".js".length));
};
