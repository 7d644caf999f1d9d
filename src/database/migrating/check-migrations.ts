// Runs all migrations on an empty database and compares the result with the entities. Two branches that each add a migration
// merge into files that look right; only a database tells what they do together.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSchema, type MikroORM } from "@mikro-orm/postgresql";
import type { ApplicationTables } from "../application-tables.ts";
import { builtInRoute } from "../connecting/connection.ts";
import { joinEmbeddedPostgres } from "../embedded/join.ts";
import { createOrm } from "../orm.ts";
import { isSnapshotBehind, ourTables, ownSchema } from "./create-migration.ts";
import { migrate } from "./migrate.ts";

export interface MigrationCheck {
  /** What the entities need and the migrations do not make, as SQL. Empty: nothing. */
  readonly missing: readonly string[];
  /** The snapshot differs from the entities: the next migration would be wrong. */
  readonly isSnapshotBehind: boolean;
}

/** Rejects with a migration's own error when one fails. */
export async function checkMigrations(tables: ApplicationTables): Promise<MigrationCheck> {
  const dataDir = await mkdtemp(join(tmpdir(), "graphward-migrations-"));
  const embedded = await joinEmbeddedPostgres({ dataDir, settings: { fsync: "off" } });
  try {
    const route = builtInRoute(embedded.connection);
    const application = { tables, schema: "public" };
    await migrate(route, { schema: ownSchema, application });
    const orm = createOrm(route, {
      schema: ownSchema,
      application,
      schemaGenerator: { skipTables: ourTables },
    });
    try {
      const fromSchema = await readTables(orm);
      const { up } = await orm.schema.getUpdateSchemaMigrationSQL({ wrap: false, fromSchema });
      const statements = up.split(/;\n/).map((statement) => statement.trim());
      return {
        missing: statements.filter((statement) => statement !== "" && !isAboutSchemas.test(statement)),
        isSnapshotBehind: await isSnapshotBehind(tables),
      };
    } finally {
      await orm.close();
    }
  } finally {
    await embedded.leave();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** What the migrations made where the application has tables. */
const readTables = async (orm: MikroORM): Promise<DatabaseSchema> => {
  const schemas = new Set(
    [...orm.getMetadata().getAll().values()]
      .map(({ schema }) => schema ?? ownSchema)
      .filter((schema) => schema !== ownSchema),
  );
  const read = await DatabaseSchema.create(
    orm.em.getConnection(),
    orm.em.getPlatform(),
    orm.config,
    undefined,
    [...schemas],
  );
  // Those of MikroORM's helper that ask the catalog look at all schemas.
  read.setTables(read.getTables().filter(({ schema }) => schemas.has(schema ?? "public")));
  read.setViews(read.getViews().filter(({ schema }) => schemas.has(schema ?? "public")));
  read.setNamespaces(schemas);
  return read;
};

const isAboutSchemas = /^(create|drop) schema/;
