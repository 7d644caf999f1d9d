// MikroORM: entities and migrations. Loading it takes longer than running a command, so commands import it only to migrate.
import "reflect-metadata";
import type { EntityMetadata } from "@mikro-orm/core";
import { Migrator } from "@mikro-orm/migrations";
import { defineConfig, MikroORM, type Options } from "@mikro-orm/postgresql";
import pg from "pg";
import { entities } from "../entities/index.ts";
import type { ApplicationTables } from "./application-tables.ts";
import {
  impatientOptions,
  patientOptions,
  type Route,
  maxConnections as usualMaximum,
} from "./connecting/connection.ts";
import { migrationsDirectory, migrationsTable } from "./migration-files.ts";
import { jobSchemaOf } from "./own-schema.ts";

interface OrmOptions {
  readonly migrations?: Options["migrations"];
  readonly schemaGenerator?: Options["schemaGenerator"];
  /** Without one, tables have no schema: for the files of migrations. */
  readonly schema?: string;
  readonly application?: ApplicationOfOrm;
  /** For migrations, where an index on a large table may take hours: the `application_name` of the connections. */
  readonly patientAs?: string;
  readonly onPoolCreated?: (pool: pg.Pool) => void;
  readonly maxConnections?: number;
}

export interface ApplicationOfOrm {
  readonly tables: ApplicationTables;
  /** Where its tables are. */
  readonly schema: string;
}

/** Lazy: the pool opens a connection when a statement first needs one. */
export const createOrm = (
  route: Route,
  {
    migrations,
    schemaGenerator,
    schema,
    application,
    patientAs,
    onPoolCreated,
    maxConnections = usualMaximum,
  }: OrmOptions = {},
): MikroORM =>
  new MikroORM(
    defineConfig({
      entities: [...entities, ...(application?.tables.entities ?? [])],
      ...(application && { discovery: { onMetadata: placeIn(application, schema) } }),
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
      ...(schemaGenerator && { schemaGenerator }),
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

/** The application's tables have a schema of their own: without this, they would be among ours. */
const placeIn = ({ tables, schema }: ApplicationOfOrm, ownSchema: string | undefined) => {
  const names = new Set(tables.entities.map((entity) => nameOf(entity)));
  const shared = entities.map((entity) => nameOf(entity)).find((name) => names.has(name));
  if (shared !== undefined)
    throw new Error(
      `The entity ${shared} is defined twice: by Graphward and by the application. Rename the application's.`,
    );
  return (meta: EntityMetadata): void => {
    if (!names.has(meta.className)) return;
    meta.schema ??= schema;
    // `*` stands for the schema of the connection, which is ours.
    if (ownSchema !== undefined && ["*", ownSchema, jobSchemaOf(ownSchema)].includes(meta.schema))
      throw new Error(
        `The entity ${meta.className} names the schema ${meta.schema}: Graphward's tables are alone in DATABASE_SCHEMA and in the schema of its jobs.`,
      );
  };
};

const nameOf = (entity: ApplicationTables["entities"][number]): string =>
  "meta" in entity ? entity.meta.className : entity.name;

/** MikroORM's pool, for a Kysely of our own beside MikroORM's. */
export const createOrmWithPool = (
  route: Route,
  {
    schema,
    application,
    maxConnections,
  }: Required<Pick<OrmOptions, "schema" | "application" | "maxConnections">>,
): { readonly orm: MikroORM; readonly pool: pg.Pool } => {
  let pool: pg.Pool | null = null;
  const orm = createOrm(route, {
    schema,
    application,
    maxConnections,
    onPoolCreated: (created) => {
      pool = created;
    },
  });
  // MikroORM leaves the name of the default schema out of its statements, which would then depend on the search path.
  orm.em.getPlatform().getDefaultSchemaName = () => undefined;
  orm.em.getConnection().getClient();
  if (pool === null) throw new Error("MikroORM made no pool.");
  return { orm, pool };
};

/** MikroORM has pg return times as text and parses them itself; Kysely's callers want a Date. Both accept a Date. */
const timesAsDates: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format: "text" | "binary") =>
    pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};
