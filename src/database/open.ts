// Opens the configured database: an external one, or the embedded one.
import { setTimeout as pause } from "node:timers/promises";
import type { MikroORM } from "@mikro-orm/postgresql";
import { Kysely, sql } from "kysely";
import pg from "pg";
import { milliseconds, toSeconds } from "../time.ts";
import {
  type Connection,
  commandOptions,
  createPool,
  listenerOptions,
  maxConnections,
} from "./connection.ts";
import { joinEmbeddedPostgres } from "./embedded/join.ts";
import { causeOf, isDatabaseUnavailable, isRefusal } from "./failures.ts";
import { requireRights } from "./grants.ts";
import type { MigrationOptions } from "./migrate.ts";
import { findMissingMigrations } from "./migration-files.ts";
import { OwnSchemaDialect } from "./own-schema.ts";
import type { Database, Tables } from "./tables.ts";
import { createTeller, untilSignal, type Waiting } from "./waiting.ts";

export interface OpenDatabase {
  readonly schema: string;
  readonly database: Database;
  /** For work that no request waits for: it may take longer, and takes no connection from requests. */
  readonly background: Database;
  /** Where it is, for messages, without the password. */
  readonly description: string;
  readonly isEmbedded: boolean;
  /** The migrations of this build that were not run. Throws while the database does not respond. */
  findMissingMigrations(): Promise<readonly string[]>;
  /** Why requests cannot be served. Null when the database responds and has all tables. */
  findObstacle(): Promise<string | null>;
  /** Throws when the role lacks a right that serving needs. */
  requireRights(): Promise<void>;
  /** The names of what was done. */
  migrate(waiting: Waiting, options?: Omit<MigrationOptions, "schema">): Promise<string[]>;
  /** Outside the pool: a listener keeps its connection. */
  createClient(): pg.Client;
  /** For a library that needs its own pool. The caller ends it. */
  createPool(size: number): pg.Pool;
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

/**
 * For commands: Kysely only. Throws an error with a one-line message when the database cannot be reached; at once, if nothing
 * says how to wait.
 */
export async function openDatabase(
  options: DatabaseOptions,
  waiting: Waiting | null = null,
): Promise<OpenDatabase> {
  const connect = async (connection: Connection | string) => {
    const database = createKysely(connection, options.databaseSchema, maxConnections);
    return { database, close: () => database.destroy() };
  };
  return open(options, connect, waiting);
}

/** For the server: MikroORM for an application's entities and its Kysely for our rules, on one pool. */
export async function openDatabaseWithEntities(
  options: DatabaseOptions,
  waiting: Waiting,
): Promise<OpenDatabaseWithEntities> {
  const connect = async (connection: Connection | string) => {
    const { createOrmWithPool } = await import("./orm.ts");
    const { orm, pool } = createOrmWithPool(connection, options.databaseSchema);
    const database = new Kysely<Tables>({ dialect: new OwnSchemaDialect({ pool }, options.databaseSchema) });
    return { orm, database, close: () => orm.close() };
  };
  return open(options, connect, waiting);
}

const createKysely = (connection: Connection | string, schema: string, size: number): Database =>
  new Kysely<Tables>({
    dialect: new OwnSchemaDialect({ pool: createPool(commandOptions(connection), size) }, schema),
  });

/** Pruning, and sealing the audit trail. */
const maxBackgroundConnections = 2;

interface Connected {
  readonly database: Database;
  close(): Promise<void>;
}

const open = async <Part extends Connected>(
  { databaseUrl, databaseSchema: schema, dataDir }: DatabaseOptions,
  connect: (connection: Connection | string) => Promise<Part>,
  waiting: Waiting | null,
): Promise<Part & OpenDatabase> => {
  const embedded = databaseUrl === null ? await joinEmbeddedPostgres({ dataDir }) : null;
  const connection = embedded?.connection ?? requireUrl(databaseUrl);
  const connected = await connect(connection);
  const { database } = connected;
  const background = createKysely(connection, schema, maxBackgroundConnections);
  const close = async () => {
    await background.destroy();
    await connected.close();
    await embedded?.leave();
  };

  const opened = {
    ...connected,
    schema,
    background,
    description: embedded
      ? `built-in PostgreSQL in ${embedded.location}`
      : describeUrl(requireUrl(databaseUrl)),
    isEmbedded: embedded !== null,
    findMissingMigrations: () => findMissingMigrations(database),
    findObstacle: () =>
      findMissingMigrations(database).then(
        (missing) => (missing.length === 0 ? null : "migrations missing"),
        () => "database unavailable",
      ),
    requireRights: () => requireRights(database),
    migrate: async (waitingForLocks: Waiting, options: Omit<MigrationOptions, "schema"> = {}) => {
      // Loaded only when there is something to migrate: it loads MikroORM and graphile-worker.
      const { migrate } = await import("./migrate.ts");
      return migrate(connection, { ...options, schema }, waitingForLocks);
    },
    createClient: () => new pg.Client(listenerOptions(connection)),
    createPool: (size: number) => createPool(listenerOptions(connection), size),
    close,
  };
  try {
    await requireReply(opened, waiting);
    return opened;
  } catch (error) {
    const closed = close();
    // At a signal, nobody waits for a connection that is still being opened. The built-in database is ours to stop.
    if (waiting?.signal.aborted !== true || embedded !== null) await closed;
    closed.catch(() => undefined);
    throw error;
  }
};

const retryEvery = milliseconds(500);

/** A database that refuses us will not change its mind: only one that does not respond is waited for. */
const requireReply = async (
  { database, description }: Pick<OpenDatabase, "database" | "description">,
  waiting: Waiting | null,
): Promise<void> => {
  const start = performance.now();
  const tell = waiting && createTeller(waiting, "waiting for the database");
  for (;;) {
    try {
      const reply = sql`select 1`.execute(database);
      await (waiting ? untilSignal(waiting.signal, reply) : reply);
      return;
    } catch (error) {
      waiting?.signal.throwIfAborted();
      const isAway = isDatabaseUnavailable(error) && !isRefusal(error);
      const waited = performance.now() - start;
      if (waiting === null || !isAway || waited >= waiting.atMost) {
        const reason = isAway ? "does not respond" : "refuses the connection";
        const since = waiting !== null && isAway ? ` since ${toSeconds(waited)} s` : "";
        throw new Error(`The database at ${description} ${reason}${since}: ${describeFailure(error)}`, {
          cause: error,
        });
      }
      tell?.({ database: description, reason: causeOf(error) });
      await pause(retryEvery, undefined, { signal: waiting.signal });
    }
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
