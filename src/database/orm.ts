// MikroORM: entities, migrations, pool and timeouts.
import { join } from "node:path";
import { Migrator } from "@mikro-orm/migrations";
import { defineConfig, MikroORM, type Options } from "@mikro-orm/postgresql";
import pg from "pg";
import { entities } from "../entities/index.ts";
import { seconds } from "../time.ts";

export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

const connectionsAtMost = 10;

const connectionTimeoutMillis = seconds(3);

/** Without these a caller waits for ever for a database that is silent. */
const timeouts = {
  query_timeout: seconds(10),
  statement_timeout: seconds(10),
  idle_in_transaction_session_timeout: seconds(10),
};

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
      pool: { max: connectionsAtMost },
      // MikroORM forwards no timeout of its own options to the driver.
      driverOptions: {
        ...connectionOptions(connection),
        ...(isPatient ? {} : timeouts),
        types: timesAsDates,
      },
      extensions: [Migrator],
      migrations: {
        path: join(import.meta.dirname, "migrations"),
        tableName: "migrations",
        snapshot: false,
        ...migrations,
      },
      // MikroORM writes values into the SQL it logs.
      debug: false,
      logger: () => undefined,
    }),
  );

/** How this database is reached, for a connection outside the pool. */
export const clientOptions = (connection: Connection | string): pg.ClientConfig => ({
  ...connectionOptions(connection),
  query_timeout: timeouts.query_timeout,
});

/** For migrations of others: as patient as ours. */
export const patientOptions = (connection: Connection | string): pg.ClientConfig =>
  connectionOptions(connection);

const connectionOptions = (connection: Connection | string): pg.ClientConfig => ({
  ...(typeof connection === "string" ? { connectionString: connection } : connection),
  connectionTimeoutMillis,
  keepAlive: true,
  application_name: "graphward",
});

const databaseName = (connection: Connection | string): string =>
  typeof connection === "string"
    ? decodeURIComponent(new URL(connection).pathname.slice(1)) || "postgres"
    : connection.database;

/** MikroORM leaves times as text for itself to parse; Kysely's callers want a Date. Both accept one. */
const timesAsDates: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format: "text" | "binary") =>
    pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};
