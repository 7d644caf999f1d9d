// Opens the configured database: an external one, or the embedded one.
import type { MikroORM } from "@mikro-orm/postgresql";
import { Kysely, sql } from "kysely";
import pg from "pg";
import {
  type Connection,
  createPool,
  impatientOptions,
  listenerOptions,
  maxConnections,
} from "./connection.ts";
import { joinEmbeddedPostgres } from "./embedded/join.ts";
import { isDatabaseUnavailable } from "./failures.ts";
import { requireRights } from "./grants.ts";
import type { MigrationOptions } from "./migrate.ts";
import { isMigrated } from "./migration-files.ts";
import { OwnSchemaDialect } from "./own-schema.ts";
import type { Database, Tables } from "./tables.ts";

export interface OpenDatabase {
  readonly schema: string;
  readonly database: Database;
  /** Where it is, for messages, without the password. */
  readonly description: string;
  readonly isEmbedded: boolean;
  /** True when every migration of this build was run. */
  isMigrated(): Promise<boolean>;
  /** Throws when the role lacks a right that serving needs. */
  requireRights(): Promise<void>;
  /** The names of what was done. */
  migrate(options?: Omit<MigrationOptions, "schema">): Promise<string[]>;
  /** Outside the pool: a listener keeps its connection. */
  createClient(): pg.Client;
  /** For a library that needs its own pool. The caller ends it. */
  createPool(size: number): pg.Pool;
  /** True when the database responds to a query now. */
  isReady(): Promise<boolean>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly databaseUrl: string | null;
  readonly databaseSchema: string;
  readonly dataDir: string;
}

export interface OpenDatabaseWithEntities extends OpenDatabase {
  readonly orm: MikroORM;
}

/** For commands: Kysely only. Throws an error with a one-line message when the database cannot be reached. */
export async function openDatabase(options: DatabaseOptions): Promise<OpenDatabase> {
  return open(options, async (connection) => {
    const pool = createPool(impatientOptions(connection), maxConnections);
    const database = new Kysely<Tables>({ dialect: new OwnSchemaDialect({ pool }, options.databaseSchema) });
    return { database, close: () => database.destroy() };
  });
}

/** For the server: MikroORM for an application's entities and its Kysely for our rules, on one pool. */
export async function openDatabaseWithEntities(options: DatabaseOptions): Promise<OpenDatabaseWithEntities> {
  return open(options, async (connection) => {
    const { createOrmWithPool } = await import("./orm.ts");
    const { orm, pool } = createOrmWithPool(connection, options.databaseSchema);
    const database = new Kysely<Tables>({ dialect: new OwnSchemaDialect({ pool }, options.databaseSchema) });
    return { orm, database, close: () => orm.close() };
  });
}

interface Connected {
  readonly database: Database;
  close(): Promise<void>;
}

const open = async <Part extends Connected>(
  { databaseUrl, databaseSchema: schema, dataDir }: DatabaseOptions,
  connect: (connection: Connection | string) => Promise<Part>,
): Promise<Part & OpenDatabase> => {
  const embedded = databaseUrl === null ? await joinEmbeddedPostgres({ dataDir }) : null;
  const connection = embedded?.connection ?? requireUrl(databaseUrl);
  const connected = await connect(connection);
  const { database } = connected;
  const isReady = async () => {
    try {
      await sql`select 1`.execute(database);
      return true;
    } catch {
      return false;
    }
  };
  const close = async () => {
    await connected.close();
    await embedded?.leave();
  };

  const opened = {
    ...connected,
    schema,
    description: embedded
      ? `built-in PostgreSQL in ${embedded.location}`
      : describeUrl(requireUrl(databaseUrl)),
    isEmbedded: embedded !== null,
    isMigrated: () => isMigrated(database),
    requireRights: () => requireRights(database),
    migrate: async (options: Omit<MigrationOptions, "schema"> = {}) => {
      // Loaded only when there is something to migrate: it loads MikroORM and graphile-worker.
      const { migrate } = await import("./migrate.ts");
      return migrate(connection, { ...options, schema });
    },
    createClient: () => new pg.Client(listenerOptions(connection)),
    createPool: (size: number) => createPool(listenerOptions(connection), size),
    isReady,
    close,
  };
  try {
    await sql`select 1`.execute(database);
    return opened;
  } catch (error) {
    await close();
    const reason = isDatabaseUnavailable(error) ? "does not respond" : "refuses the connection";
    throw new Error(`The database at ${opened.description} ${reason}: ${describeFailure(error)}`, {
      cause: error,
    });
  }
};

const describeUrl = (url: string): string => {
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}${port && `:${port}`}${pathname}`;
};

/** The text of a failed connection holds no values, but an AggregateError (IPv4 and IPv6 both refused) has no text. */
const describeFailure = (error: unknown): string => {
  if (error instanceof AggregateError) return describeFailure(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
};

const requireUrl = (url: string | null): string => {
  if (url === null) throw new Error("openDatabase() has neither an embedded database nor a URL.");
  return url;
};
