// Opens the configured database: an external one, or the embedded one.
import type { MikroORM } from "@mikro-orm/postgresql";
import { Kysely, type PostgresPool, sql } from "kysely";
import type pg from "pg";
import { type ApplicationTables, noTables } from "./application-tables.ts";
import { backgroundConnections, findAllowedConnections } from "./connecting/budget.ts";
import { Client } from "./connecting/client.ts";
import {
  builtInRoute,
  type ConfiguredConnection,
  commandOptions,
  connectInTime,
  createPool,
  listenerOptions,
  maxConnections,
  patientOptions,
  type Route,
} from "./connecting/connection.ts";
import { describePlace } from "./connecting/descriptions.ts";
import { findIdentity } from "./connecting/pooling.ts";
import { requireReply } from "./connecting/reply.ts";
import { type Routes, requireRoutes } from "./connecting/routes.ts";
import { type EmbeddedDatabase, joinEmbeddedPostgres } from "./embedded/join.ts";
import { findRefusal, requireCompatible } from "./migrating/compatibility.ts";
import { requireRights, type Table } from "./migrating/grants.ts";
import type { MigrationOptions } from "./migrating/migrate.ts";
import { findMissingMigrations } from "./migration-files.ts";
import { OwnSchemaDialect } from "./own-schema.ts";
import type { Database, Tables } from "./tables.ts";
import type { Waiting } from "./waiting.ts";

type WhatToMigrate = Omit<MigrationOptions, "schema" | "application">;

export type PoolName = "requests" | "background" | "jobs";

export interface PoolState {
  readonly used: number;
  readonly idle: number;
  /** Callers who wait for a connection. */
  readonly waiting: number;
  readonly most: number;
}

export interface OpenDatabase {
  readonly schema: string;
  readonly applicationSchema: string;
  readonly database: Database;
  /** For work that no request waits for: it may take longer, and takes no connection from requests. */
  readonly background: Database;
  /** Where it is, for messages, without the password. */
  readonly description: string;
  readonly isEmbedded: boolean;
  /** Identifies the cluster and the database. A replica has the same. Null when the server does not say. */
  findIdentity(): Promise<string | null>;
  /** How many connections PostgreSQL allows us. Null behind a pooler, which has rules of its own. */
  findAllowedConnections(): Promise<number | null>;
  /** Why this version cannot run on what a newer one migrated. Null when it can. */
  findRefusal(): Promise<string | null>;
  /** The migrations of this build that were not run. Throws while the database does not respond, and what findRefusal() finds. */
  findMissingMigrations(): Promise<readonly string[]>;
  /** Why requests cannot be served. Null when the database responds and has all tables. */
  findObstacle(): Promise<string | null>;
  /** Throws when the role lacks a right that serving needs. */
  requireRights(): Promise<void>;
  /** The names of what was done. */
  migrate(waiting: Waiting, options?: WhatToMigrate): Promise<string[]>;
  /** Outside the pool: a listener keeps its connection. */
  createClient(): pg.Client;
  /** Likewise, and a statement may take hours. */
  createPatientClient(applicationName: string): pg.Client;
  /** The tables of the application's entities, whether they exist or not. */
  findApplicationTables(): Promise<readonly Table[]>;
  /** For a library that needs its own pool. The caller ends it. */
  createPool(size: number): pg.Pool;
  readPools(): Readonly<Record<PoolName, PoolState>>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** Null: the built-in database. */
  readonly connection: ConfiguredConnection | null;
  /** Where `connection` leads to a pooler. */
  readonly directConnection: ConfiguredConnection | null;
  readonly databaseSchema: string;
  readonly applicationSchema: string;
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
  application: ApplicationTables = noTables,
): Promise<OpenDatabase> {
  const connect = async (route: Route) => {
    const pool = createPool(commandOptions(route), maxConnections);
    const database = createKysely(pool, options.databaseSchema);
    return { pool, database, close: () => database.destroy() };
  };
  return open(options, connect, { waiting, application });
}

/** For the server: MikroORM for an application's entities and its Kysely for our rules, on one pool. */
export async function openDatabaseWithEntities(
  options: DatabaseOptions & { readonly databaseConnections: number },
  waiting: Waiting,
  application: ApplicationTables,
): Promise<OpenDatabaseWithEntities> {
  const connect = async (route: Route) => {
    const { createOrmWithPool } = await import("./orm.ts");
    const { orm, pool } = createOrmWithPool(route, {
      schema: options.databaseSchema,
      application: { tables: application, schema: options.applicationSchema },
      maxConnections: options.databaseConnections,
    });
    const database = createKysely(
      { options: pool.options, connect: () => connectInTime(pool), end: () => pool.end() },
      options.databaseSchema,
    );
    const close = async () => {
      await orm.close();
      // MikroORM ends the pool only when a statement of its own has used it; idle connections would keep the process.
      if (!pool.ending) await pool.end();
    };
    return { orm, pool, database, close };
  };
  return open(options, connect, { waiting, application });
}

export function createKysely(pool: PostgresPool, schema: string): Database {
  return new Kysely<Tables>({ dialect: new OwnSchemaDialect({ pool }, schema) });
}

interface Connected {
  readonly pool: pg.Pool;
  readonly database: Database;
  close(): Promise<void>;
}

const open = async <Part extends Connected>(
  { connection, directConnection, databaseSchema: schema, applicationSchema, dataDir }: DatabaseOptions,
  connect: (route: Route) => Promise<Part>,
  { waiting, application }: { readonly waiting: Waiting | null; readonly application: ApplicationTables },
): Promise<Part & OpenDatabase> => {
  const embedded = connection === null ? await joinEmbeddedPostgres({ dataDir }) : null;
  const { main, direct } =
    connection === null
      ? builtInRoutes(embedded)
      : await requireRoutes(connection, directConnection, waiting);
  const connected = await connect(main);
  const { database } = connected;
  const backgroundPool = createPool(commandOptions(main), backgroundConnections);
  const background = createKysely(backgroundPool, schema);
  const jobPools = new Set<pg.Pool>();
  const close = async () => {
    await background.destroy();
    await connected.close();
    await embedded?.leave();
  };

  const opened = {
    ...connected,
    schema,
    applicationSchema,
    background,
    description: embedded ? `built-in PostgreSQL in ${embedded.location}` : describeRoute(main),
    isEmbedded: embedded !== null,
    findIdentity: () => findIdentity(main),
    findAllowedConnections: async () => (main.pooling === "none" ? findAllowedConnections(database) : null),
    findRefusal: () => findRefusal(database, schema),
    findMissingMigrations: async () => {
      await requireCompatible(database, schema);
      return findMissingMigrations(database, application);
    },
    findObstacle: () => findObstacle(database, schema, application).catch(() => "database unavailable"),
    requireRights: () => requireRights(database),
    migrate: async (waitingForLocks: Waiting, options: WhatToMigrate = {}) => {
      // Loaded only when there is something to migrate: it loads MikroORM and graphile-worker.
      const { migrate } = await import("./migrating/migrate.ts");
      const tables = { tables: application, schema: applicationSchema };
      return migrate(direct, { ...options, schema, application: tables }, waitingForLocks);
    },
    createClient: () => new Client(listenerOptions(direct)),
    createPatientClient: (applicationName: string) => new Client(patientOptions(direct, applicationName)),
    findApplicationTables: async () => {
      if (application.entities.length === 0) return [];
      const { tablesOfEntities } = await import("./migrating/application.ts");
      return tablesOfEntities(direct, {
        schema,
        application: { tables: application, schema: applicationSchema },
      });
    },
    createPool: (size: number) => {
      const pool = createPool(listenerOptions(direct), size);
      jobPools.add(pool);
      return pool;
    },
    readPools: () => ({
      requests: stateOf(connected.pool),
      background: stateOf(backgroundPool),
      jobs: stateOf(...jobPools),
    }),
    close,
  };
  try {
    const ask = () => sql`select 1`.execute(database);
    await requireReply(ask, { place: opened.description, waiting });
    return opened;
  } catch (error) {
    const closed = close();
    // At a signal, nobody waits for a connection that is still being opened. The built-in database is ours to stop.
    if (waiting?.signal.aborted !== true || embedded !== null) await closed;
    closed.catch(() => undefined);
    throw error;
  }
};

/** The sums of several pools. */
export function stateOf(...pools: readonly pg.Pool[]): PoolState {
  const sum = (of: (pool: pg.Pool) => number) => pools.reduce((total, pool) => total + of(pool), 0);
  return {
    used: sum(({ totalCount, idleCount }) => totalCount - idleCount),
    idle: sum(({ idleCount }) => idleCount),
    waiting: sum(({ waitingCount }) => waitingCount),
    most: sum(({ options }) => options.max),
  };
}

const findObstacle = async (
  database: Database,
  schema: string,
  application: ApplicationTables,
): Promise<string | null> => {
  if ((await findRefusal(database, schema)) !== null) return "migrated by a newer version";
  return (await findMissingMigrations(database, application)).length === 0 ? null : "migrations missing";
};

const builtInRoutes = (embedded: EmbeddedDatabase | null): Routes => {
  if (embedded === null) throw new Error("openDatabase() has neither a built-in database nor a connection.");
  const route = builtInRoute(embedded.connection);
  return { main: route, direct: route };
};

const describeRoute = (route: Route): string =>
  `${describePlace(route)}${route.pooling === "none" ? "" : `, by a pooler in ${route.pooling} mode`}`;
