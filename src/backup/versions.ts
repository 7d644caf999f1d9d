// Refuses a backup of a newer version, and one of another application, in words.
import { z } from "zod";
import type { ApplicationTables } from "../database/application-tables.ts";
import { newestJobMigration } from "../database/migrating/job-tables.ts";
import { migrationNames, migrationsDirectory } from "../database/migration-files.ts";
import { readVersion } from "../package-root.ts";
import { formatVersion, type Manifest } from "./manifest.ts";

const format = z.object({ format: z.number(), version: z.string() });

/** Before the rest of the manifest is read, which a newer version may write otherwise. */
export function requireKnown(manifest: unknown): void {
  const { success, data } = format.safeParse(manifest);
  if (success && data.format > formatVersion) throw isNewer(data.version, `its format is ${data.format}`);
}

/** Throws unless this build has every migration of the backup. */
export async function requireMigrationsOf(
  { version, migrations }: Manifest,
  application: Pick<ApplicationTables, "migrations">,
): Promise<void> {
  const [unknown] = await findUnknown(migrations.own, migrationsDirectory);
  if (unknown !== undefined) throw isNewer(version, `it has the migration ${unknown}`);
  if (migrations.jobs > newestJobMigration)
    throw isNewer(version, `its jobs have the migration ${migrations.jobs}`);
  const [missing] = await findUnknown(migrations.application, application.migrations);
  if (missing !== undefined)
    throw new Error(
      `The backup has tables of an application whose migration ${missing} is not here: run this command in the application's folder, with the version that the backup was made by or a later one. Nothing was restored.`,
    );
}

const findUnknown = async (
  names: readonly string[],
  directory: string | null,
): Promise<readonly string[]> => {
  const known = new Set(directory === null ? [] : await migrationNames(directory));
  return names.filter((name) => !known.has(name));
};

const isNewer = (version: string, because: string): Error =>
  new Error(
    `The backup is of Graphward ${version}, and this is Graphward ${readVersion()}, which is older: ${because}. Install ${version} or later. Nothing was restored.`,
  );
