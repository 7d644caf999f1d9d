// Which versions can run on a database: each migration records it, and each start compares.
import { sql } from "kysely";
import compare from "semver/functions/compare.js";
import valid from "semver/functions/valid.js";
import { readVersion } from "../../package-root.ts";
import { migrationNames, migrationsDirectory, migrationsTable } from "../migration-files.ts";
import { findRecorded, type Migrating } from "./earlier-version.ts";

/**
 * The first version that runs on the tables of this build. Raised by the build that removes what that version still used, and by
 * no other: see docs/decisions/upgrades.md.
 */
export const oldestCompatible = "0.1.0";

const thisVersion = readVersion();

interface Compatibility {
  /** The newest version that migrated the database. */
  readonly migratedBy: string;
  readonly oldest: string;
}

/** Why this version cannot run on the database, and what to do. Null when it can, and for a database without tables. */
export async function findRefusal(database: Migrating, schema: string): Promise<string | null> {
  const recorded = await findRecord(database, schema);
  if (recorded !== null)
    return compare(thisVersion, recorded.oldest) < 0
      ? `The database was migrated by Graphward ${recorded.migratedBy} and needs at least ${recorded.oldest}, and this is Graphward ${thisVersion}: ${remedy}`
      : null;
  const unknown = await findUnknown(database, schema);
  return unknown.length > 0
    ? `The database has migrations that Graphward ${thisVersion} does not know (${describe(unknown)}): ${remedy}`
    : null;
}

const remedy =
  "install the version that migrated it, or restore the backup from before the upgrade. See docs/upgrading.md.";

export async function requireCompatible(database: Migrating, schema: string): Promise<void> {
  const refusal = await findRefusal(database, schema);
  if (refusal !== null) throw new Error(refusal);
}

/** The newest version that migrated the database, or this one, where nothing says so. */
export async function findMigratedBy(database: Migrating, schema: string): Promise<string> {
  return newer(thisVersion, (await findRecord(database, schema))?.migratedBy);
}

/** In the transaction of a migration, which holds the lock. Raises what is recorded, and never lowers it. */
export async function recordVersion(database: Migrating, schema: string): Promise<void> {
  const recorded = await findRecord(database, schema);
  const migratedBy = newer(thisVersion, recorded?.migratedBy);
  const oldest = newer(oldestCompatible, recorded?.oldest);
  if (migratedBy === recorded?.migratedBy && oldest === recorded.oldest) return;
  const text = `Migrated by Graphward ${migratedBy}; serves Graphward ${oldest} and later.`;
  await sql`comment on table ${sql.table(`${schema}.${migrationsTable}`)} is ${sql.lit(text)}`.execute(
    database,
  );
}

const recordPattern = /Graphward (\S+); serves Graphward (\S+) and later/;

/**
 * A comment, and no table: it is read with what is asked of the catalog anyway, only the owner of the tables can write it, and the
 * version before, which requires rights on every table, has nothing to miss.
 */
const findRecord = async (database: Migrating, schema: string): Promise<Compatibility | null> => {
  const { rows } = await sql<{ comment: string | null }>`
    select obj_description(pg_class.oid, 'pg_class') as comment
    from pg_catalog.pg_class join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
    where nspname = ${schema} and relname = ${migrationsTable}`.execute(database);
  const [, migratedBy = "", oldest = ""] = recordPattern.exec(rows[0]?.comment ?? "") ?? [];
  return valid(migratedBy) === null || valid(oldest) === null ? null : { migratedBy, oldest };
};

/** Without a record, nobody knows what these migrations removed. */
const findUnknown = async (database: Migrating, schema: string): Promise<readonly string[]> => {
  const names = (await findRecorded(database, schema)) ?? [];
  const known = new Set(await migrationNames(migrationsDirectory));
  return names.filter((name) => !known.has(name)).sort();
};

const newer = (version: string, other = version): string => (compare(version, other) < 0 ? other : version);

const maxNamed = 3;

const describe = (names: readonly string[]): string =>
  [...names.slice(0, maxNamed), ...(names.length > maxNamed ? [`${names.length - maxNamed} more`] : [])].join(
    ", ",
  );
