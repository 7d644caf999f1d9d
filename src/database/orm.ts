// MikroORM: entities and migrations. Loading it takes longer than running a command, so commands import it only to migrate.
import "reflect-metadata";
import { Migrator } from "@mikro-orm/migrations";
import { defineConfig, MikroORM, type Options } from "@mikro-orm/postgresql";
import pg from "pg";
import { entities } from "../entities/index.ts";
import { impatientOptions, maxConnections, patientOptions, type Route } from "./connecting/connection.ts";
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
  route: Route,
  { migrations, schema, patientAs, onPoolCreated }: OrmOptions = {},
): MikroORM =>
  new MikroORM(
    defineConfig({
      entities,
      // MikroORM's migrator asks for this name in a text that it does not escape. The connection has its own.
      dbName: route.database.replaceAll("'", "''"),
      ...(schema !== undefined && { schema }),
      pool: { max: maxConnections },
      // MikroORM passes nothing of its own options that a connection needs to the driver. A function, because it copies an object.
      driverOptions: () => ({
        ...(patientAs === undefined ? impatientOptions(route) : patientOptions(route, patientAs)),
        types: timesAsDates,
        ...(onPoolCreated && { onPoolCreated }),
      }),
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
  route: Route,
  schema: string,
): { readonly orm: MikroORM; readonly pool: pg.Pool } => {
  let pool: pg.Pool | null = null;
  const orm = createOrm(route, {
    schema,
    onPoolCreated: (created) => {
      pool = created;
    },
  });
  orm.em.getConnection().getClient();
  if (pool === null) throw new Error("MikroORM made no pool.");
  return { orm, pool };
};

/** MikroORM has pg return times as text and parses them itself; Kysely's callers want a Date. Both accept a Date. */
const timesAsDates: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format: "text" | "binary") =>
    pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};
