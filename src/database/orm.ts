// MikroORM: entities and migrations. It takes longer to load than a command to run, so commands import it only to migrate.
import "reflect-metadata";
import { Migrator } from "@mikro-orm/migrations";
import { defineConfig, MikroORM, type Options } from "@mikro-orm/postgresql";
import pg from "pg";
import { entities } from "../entities/index.ts";
import { type Connection, impatientOptions, maxConnections, patientOptions } from "./connection.ts";
import { migrationsDirectory, migrationsTable } from "./migration-files.ts";

interface OrmOptions {
  readonly migrations?: Options["migrations"];
  /** For migrations: a new index on a large table takes as long as it takes. */
  readonly isPatient?: boolean;
}

/** Connects nothing yet: the pool opens a connection when a statement first needs one. */
export const createOrm = (
  connection: Connection | string,
  { migrations, isPatient = false }: OrmOptions = {},
): MikroORM =>
  new MikroORM(
    defineConfig({
      entities,
      dbName: databaseName(connection),
      pool: { max: maxConnections },
      // MikroORM forwards no timeout of its own options to the driver.
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

/** MikroORM leaves times as text for itself to parse; Kysely's callers want a Date. Both accept one. */
const timesAsDates: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format: "text" | "binary") =>
    pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};
