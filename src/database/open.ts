// Opens the database of a configuration: the external one that it names, or the embedded one.
import type { MikroORM } from "@mikro-orm/postgresql";
import { sql } from "kysely";
import pg from "pg";
import { joinEmbeddedPostgres } from "./embedded/join.ts";
import { isDatabaseUnavailable } from "./failures.ts";
import { migrate } from "./migrate.ts";
import { type Connection, clientOptions, createOrm } from "./orm.ts";
import type { Database, Tables } from "./tables.ts";

export interface OpenDatabase {
  readonly orm: MikroORM;
  readonly database: Database;
  /** Where it is, for people to read. No password. */
  readonly description: string;
  readonly isEmbedded: boolean;
  /** The names of the migrations that were run. */
  migrate(): Promise<string[]>;
  /** Outside the pool: a listener keeps its connection for good. */
  createClient(): pg.Client;
  /** For a library that needs one of its own. Whoever makes it ends it. */
  createPool(size: number): pg.Pool;
  /** True when a query is answered now. */
  isReady(): Promise<boolean>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly databaseUrl: string | null;
  readonly dataDir: string;
}

/** Throws an error of one readable line when the database cannot be reached. */
export const openDatabase = async ({ databaseUrl, dataDir }: DatabaseOptions): Promise<OpenDatabase> => {
  const embedded = databaseUrl === null ? await joinEmbeddedPostgres({ dataDir }) : null;
  const connection = embedded?.connection ?? requireUrl(databaseUrl);
  const orm = createOrm(connection);
  const database = orm.em.getKysely<Tables>();
  const isReady = async () => {
    try {
      await sql`select 1`.execute(database);
      return true;
    } catch {
      return false;
    }
  };
  const close = async () => {
    await orm.close();
    await embedded?.leave();
  };

  const opened: OpenDatabase = {
    orm,
    database,
    description: embedded
      ? `built-in PostgreSQL in ${embedded.location}`
      : describeUrl(requireUrl(databaseUrl)),
    isEmbedded: embedded !== null,
    migrate: () => migrate(connection),
    createClient: () => new pg.Client(clientOptions(connection)),
    createPool: (size) => createPool(connection, size),
    isReady,
    close,
  };
  try {
    await sql`select 1`.execute(database);
    return opened;
  } catch (error) {
    await close();
    const reason = isDatabaseUnavailable(error) ? "does not answer" : "refuses us";
    throw new Error(`The database at ${opened.description} ${reason}: ${describeFailure(error)}`, {
      cause: error,
    });
  }
};

const createPool = (connection: Connection | string, size: number): pg.Pool => {
  const pool = new pg.Pool({ ...clientOptions(connection), max: size });
  // A connection that is lost tells whoever uses it; without a listener it would end the process.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  return pool;
};

const describeUrl = (url: string): string => {
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}${port && `:${port}`}${pathname}`;
};

/** A failed connection has no values in its text, but an AggregateError (IPv4 and IPv6 both refused) has none at all. */
const describeFailure = (error: unknown): string => {
  if (error instanceof AggregateError) return describeFailure(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
};

const requireUrl = (url: string | null): string => {
  if (url === null) throw new Error("openDatabase() has neither an embedded database nor a URL.");
  return url;
};
