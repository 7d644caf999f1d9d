// Writes the migrations of an application from its entities, without a database: a snapshot records the tables so far.
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { MigrationDiff } from "@mikro-orm/core";
import { TSMigrationGenerator } from "@mikro-orm/migrations";
import type { ApplicationTables } from "../application-tables.ts";
import { builtInRoute } from "../connecting/connection.ts";
import { applicationMigrationsTable, migrationsTable } from "../migration-files.ts";
import { createOrm } from "../orm.ts";
import { tableNames } from "../tables.ts";

/** The default of DATABASE_SCHEMA: in a file, `this.graphward` stands for the schema that is configured when it runs. */
export const ownSchema = "graphward";

/** An application's migrations leave them alone. */
export const ourTables = [...tableNames, migrationsTable, applicationMigrationsTable].map(
  (table) => `${ownSchema}.${table}`,
);

/** Returns the path of the file, or null when none is needed. Throws when the application names no directory for it. */
export async function createMigration(
  tables: ApplicationTables,
  { name, empty }: { readonly name: string; readonly empty: boolean },
): Promise<string | null> {
  if (!/^[a-z][a-z0-9-]*$/.test(name))
    throw new Error(
      `${JSON.stringify(name)} is no name of a migration: use lower-case letters, digits and hyphens.`,
    );
  return withMigrator(tables, async (migrator, directory) => {
    await writeFirstSnapshot(directory);
    const { fileName } = await migrator.create(directory, empty, false, name);
    return fileName === "" ? null : relative(process.cwd(), `${directory}/${fileName}`);
  });
}

/** Whether the snapshot lacks something of the entities. Only as true as the snapshot: see check-migrations.ts. */
export async function isSnapshotBehind(tables: ApplicationTables): Promise<boolean> {
  if (tables.entities.length === 0) return false;
  return withMigrator(
    tables,
    async (migrator, directory) => !existsSync(snapshotIn(directory)) || migrator.checkSchema(),
  );
}

/** Makes the snapshot what the entities are, for when the migrations produce that already. */
export async function rewriteSnapshot(tables: ApplicationTables): Promise<void> {
  await withMigrator(tables, async (migrator, directory) => {
    await writeFile(snapshotIn(directory), emptySnapshot);
    // As if everything were new: it stores the snapshot beside a file that nobody needs.
    const { fileName } = await migrator.create(directory, false, false, "snapshot");
    await rm(join(directory, fileName), { force: true });
  });
}

const snapshotIn = (directory: string): string => join(directory, ".snapshot.json");

/** It describes a database without tables. Without a snapshot, MikroORM would connect to a database. */
const writeFirstSnapshot = async (directory: string): Promise<void> => {
  if (existsSync(snapshotIn(directory))) return;
  await mkdir(directory, { recursive: true });
  await writeFile(snapshotIn(directory), emptySnapshot);
};

const emptySnapshot = '{ "namespaces": [], "tables": [] }\n';

type Migrator = ReturnType<typeof createOrm>["migrator"];

const withMigrator = async <Value>(
  tables: ApplicationTables,
  work: (migrator: Migrator, directory: string) => Promise<Value>,
): Promise<Value> => {
  const { migrations: directory } = tables;
  if (directory === null)
    throw new Error(
      'The application has no directory for migrations: add migrations: new URL("./migrations/", import.meta.url) to defineServer().',
    );
  // Never connected.
  const nowhere = { host: "localhost", port: 5432, user: "offline", password: "", database: "offline" };
  const orm = createOrm(builtInRoute(nowhere), {
    schema: ownSchema,
    application: { tables, schema: "public" },
    schemaGenerator: { skipTables: ourTables },
    migrations: {
      path: directory,
      pathTs: directory,
      emit: "ts",
      snapshot: true,
      snapshotName: ".snapshot",
      fileName: (timestamp, given) => `${timestamp}-${given ?? "unnamed"}`,
      generator: ApplicationMigrationGenerator,
    },
  });
  try {
    return await work(orm.migrator, directory);
  } finally {
    await orm.close();
  }
};

class ApplicationMigrationGenerator extends TSMigrationGenerator {
  override generateMigrationFile(className: string, diff: MigrationDiff): string {
    const withoutSchema = (statements: readonly string[]) =>
      statements.filter((statement) => !statement.startsWith("create schema"));
    return super
      .generateMigrationFile(className, { up: withoutSchema(diff.up), down: withoutSchema(diff.down) })
      .replace(
        "import { Migration } from '@mikro-orm/migrations';\n\n",
        'import { Migration } from "graphward/orm";\n\n',
      )
      .replace(/'(Migration\w+)'/, '"$1"')
      .replace(/\{\n\n/g, "{\n")
      .replace(/ {2}\}\n\n\}/, "  }\n}");
  }

  override createStatement(statement: string, padding: number): string {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a template
    return super.createStatement(statement, padding).replaceAll(`"${ownSchema}".`, "${this.graphward}.");
  }
}
