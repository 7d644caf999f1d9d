// The migrations of an application, in the transaction of ours and after them, so that they can refer to our tables.
import type { Transaction } from "@mikro-orm/core";
import type { MikroORM } from "@mikro-orm/postgresql";
import { sql } from "kysely";
import type { Route } from "../connecting/connection.ts";
import { applicationMigrationsTable } from "../migration-files.ts";
import { type ApplicationOfOrm, createOrm } from "../orm.ts";
import type { Migrating } from "./earlier-version.ts";
import type { Table } from "./grants.ts";
import { textOf } from "./statement-errors.ts";

interface Schemas {
  readonly schema: string;
  readonly application: ApplicationOfOrm;
}

export interface MigratedApplication {
  /** The names of the migrations that were run. */
  readonly done: readonly string[];
  /** The tables of its entities that exist. */
  readonly tables: readonly Table[];
}

/** Throws an error that says so when a migration of the application fails. `only`: the names of those to run. Null: all. */
export async function migrateApplication(
  transaction: Transaction<Migrating>,
  target: Route,
  { schema, application }: Schemas,
  only: readonly string[] | null = null,
): Promise<MigratedApplication> {
  const { migrations } = application.tables;
  if (migrations === null) return { done: [], tables: [] };
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
    const chosen = only === null ? {} : { migrations: [...only] };
    const done = await orm.migrator.up({ transaction, ...chosen }).catch((error: unknown) => {
      // Not by its code alone: the same codes mean another thing in our own migrations.
      throw new Error(`A migration of the application failed: ${textOf(error)}`, { cause: error });
    });
    return { done: done.map(({ name }) => name), tables: await findTables(transaction, orm, schema) };
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

/** Whether they exist or not. */
export async function tablesOfEntities(
  target: Route,
  { schema, application }: Schemas,
): Promise<readonly Table[]> {
  const orm = createOrm(target, { schema, application });
  try {
    return namedIn(orm, schema);
  } finally {
    await orm.close();
  }
}

const namedIn = (orm: MikroORM, ownSchema: string): readonly Table[] => {
  const metadata = [...orm.getMetadata().getAll().values()];
  return metadata.flatMap(({ schema = ownSchema, tableName: name }) =>
    schema === ownSchema || !name ? [] : [{ schema, name }],
  );
};

const findTables = async (transaction: Migrating, orm: MikroORM, ownSchema: string): Promise<Table[]> => {
  const named = namedIn(orm, ownSchema);
  const { rows } = await sql<Table>`
    select nspname as schema, relname as name from pg_catalog.pg_class
    join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace where relkind in ('r', 'p')`.execute(
    transaction,
  );
  const there = new Set(rows.map(({ schema, name }) => `${schema}.${name}`));
  return named.filter(({ schema, name }) => there.has(`${schema}.${name}`));
};
