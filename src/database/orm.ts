// MikroORM: entities and migrations. Loading it takes longer than running a command, so commands import it only to migrate.
import "reflect-metadata";
import { Migrator } from "@mikro-orm/migrations";
import { defineConfig, MikroORM, type Options } from "@mikro-orm/postgresql";
import pg from "pg";
import { entities } from "../entities/index.ts";
import { type Connection, impatientOptions, maxConnections, patientOptions } from "./connection.ts";
import { migrationsDirectory, migrationsTable } from "./migration-files.ts";

interface OrmOptions {
  readonly migrations?: Options["migrations"];
  /** Without one, tables have no schema: for the files of migrations. */
  readonly schema?: string;
  /** For migrations, where an index on a large table may take hours: the `application_name` of the connections. */
  readonly patientAs?: string;
  readonly onPoolCreated?: (pool: pg.Pool) => void;
}

/** Lazy: the pool opens a connection when a statement first needs one. */
export const createOrm = (
  connection: Connection | string,
  { migrations, schema, patientAs, onPoolCreated }: OrmOptions = {},
): MikroORM =>
  new MikroORM(
    defineConfig({
      entities,
      dbName: databaseName(connection),
      ...(schema !== undefined && { schema }),
      pool: { max: maxConnections },
      // MikroORM passes no timeout of its own options to the driver.
      driverOptions: {
        ...(patientAs === undefined ? impatientOptions(connection) : patientOptions(connection, patientAs)),
        types: timesAsDates,
        ...(onPoolCreated && { onPoolCreated }),
      },
      extensions: [Migrator],
      migrations: {
        path: migrationsDirectory,
        tableName: schema === undefined ? migrationsTable : `${schema}.${migrationsTable}`,
        snapshot: false,
        ...migrations,
      },
      // MikroORM writes values into the SQL it logs.
      debug: false,
      logger: () => undefined,
    }),
  );

/** MikroORM's pool, for a Kysely of our own beside MikroORM's. */
export const createOrmWithPool = (
  connection: Connection | string,
  schema: string,
): { readonly orm: MikroORM; readonly pool: pg.Pool } => {
  let pool: pg.Pool | null = null;
  const orm = createOrm(connection, {
    schema,
    onPoolCreated: (created) => {
      pool = created;
    },
  });
  orm.em.getConnection().getClient();
  if (pool === null) throw new Error("MikroORM made no pool.");
  return { orm, pool };
};

const databaseName = (connection: Connection | string): string =>
  typeof connection === "string"
    ? decodeURIComponent(new URL(connection).pathname.slice(1)) || "postgres"
    : connection.database;

/** MikroORM has pg return times as text and parses them itself; Kysely's callers want a Date. Both accept a Date. */
const timesAsDates: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format: "text" | "binary") =>
    pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};
