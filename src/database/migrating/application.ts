// The migrations of an application, in the transaction of ours and after them, so that they can refer to our tables.
import type { Transaction } from "@mikro-orm/core";
import { sql } from "kysely";
import type { Route } from "../connecting/connection.ts";
import { applicationMigrationsTable } from "../migration-files.ts";
import { type ApplicationOfOrm, createOrm } from "../orm.ts";
import type { Migrating } from "./earlier-version.ts";

interface Schemas {
  readonly schema: string;
  readonly application: ApplicationOfOrm;
}

/** Returns the names of those that were run. */
export async function migrateApplication(
  transaction: Transaction<Migrating>,
  target: Route,
  { schema, application }: Schemas,
): Promise<string[]> {
  const { migrations } = application.tables;
  if (migrations === null) return [];
  const orm = createOrm(target, {
    schema,
    application,
    migrations: {
      path: migrations,
      pathTs: migrations,
      tableName: `${schema}.${applicationMigrationsTable}`,
      // See migrate.ts: it keeps MikroORM from creating its table on another connection.
      includeWildcardSchema: true,
    },
  });
  try {
    await createSchema(transaction, application.schema);
    // Their statements name no schema. Ours is not in the path: `references users` must not find a table by chance.
    await sql`set local search_path = ${sql.id(application.schema)}`.execute(transaction);
    return (await orm.migrator.up({ transaction })).map(({ name }) => name);
  } finally {
    await orm.close();
  }
}

/** Asked first: `create schema if not exists` needs the right to create even where the schema is there. */
const createSchema = async (transaction: Migrating, schema: string): Promise<void> => {
  const { rows } = await sql`select from pg_catalog.pg_namespace where nspname = ${schema}`.execute(
    transaction,
  );
  if (rows.length === 0) await sql`create schema ${sql.id(schema)}`.execute(transaction);
};
