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
  /** For migrations: an index on a large table may take hours. */
  readonly isPatient?: boolean;
}

/** Lazy: the pool opens a connection when a statement first needs one. */
export const createOrm = (
  connection: Connection | string,
  { migrations, isPatient = false }: OrmOptions = {},
): MikroORM =>
  new MikroORM(
    defineConfig({
      entities,
      dbName: databaseName(connection),
      pool: { max: maxConnections },
      // MikroORM passes no timeout of its own options to the driver.
      driverOptions: {
        ...(isPatient ? patientOptions : impatientOptions)(connection),
        types: timesAsDates,
      },
      extensions: [Migrator],
      migrations: {
        path: migrationsDirectory,
        tableName: migrationsTable,
        snapshot: false,
        ...migrations,
      },
      // MikroORM writes values into the SQL it logs.
      debug: false,
      logger: () => undefined,
    }),
  );

const databaseName = (connection: Connection | string): string =>
  typeof connection === "string"
    ? decodeURIComponent(new URL(connection).pathname.slice(1)) || "postgres"
    : connection.database;

/** MikroORM has pg return times as text and parses them itself; Kysely's callers want a Date. Both accept a Date. */
const timesAsDates: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format: "text" | "binary") =>
    pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};
