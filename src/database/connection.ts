// Connections to PostgreSQL: the URL, the timeouts, and pools that survive a lost connection.
import pg from "pg";
import { milliseconds, seconds } from "../time.ts";
import { createClientClass } from "./silence.ts";

export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

export const maxConnections = 10;

/** For a place in the pool, and for a new connection. */
const connectionTimeoutMillis = milliseconds(1500);

/**
 * A request waits for one of these and one `connectionTimeoutMillis` at most, then silence.ts knows: less than 5 s together.
 * PostgreSQL cancels a slow statement before we destroy its connection.
 */
const ofRequests = {
  query_timeout: seconds(3),
  statement_timeout: milliseconds(2800),
  // A lost connection keeps its row locks until PostgreSQL ends the transaction.
  idle_in_transaction_session_timeout: seconds(5),
};

/** Nobody waits for an answer, and a command may read or delete many rows. */
const ofCommands = {
  query_timeout: seconds(10),
  statement_timeout: seconds(10),
  idle_in_transaction_session_timeout: seconds(10),
};

/** The statements of the mail queue are short. */
const listenerTimeout = seconds(5);

/** The operating system's own delay is two hours: until then, nobody would notice that an idle connection is lost. */
const keepAliveInitialDelayMillis = seconds(10);

/** Lazy: a pool opens a connection when a statement first needs one. */
export function createPool(config: pg.PoolConfig, size: number): pg.Pool {
  const pool = new pg.Pool({ ...config, max: size });
  // A query on a lost connection rejects by itself; without this listener, the error event would also end the process.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  return pool;
}

/** For statements of requests. */
export function impatientOptions(connection: Connection | string): pg.PoolConfig {
  return { ...patientOptions(connection), ...ofRequests, Client: createClientClass() };
}

/** For statements of commands and background work. */
export function commandOptions(connection: Connection | string): pg.PoolConfig {
  return { ...patientOptions(connection), ...ofCommands, Client: createClientClass() };
}

/** For a connection that stays open: PostgreSQL must not end a long idle wait. */
export function listenerOptions(connection: Connection | string): pg.PoolConfig {
  return { ...patientOptions(connection), query_timeout: listenerTimeout, Client: createClientClass() };
}

/** For migrations: an index on a large table may take hours. */
export function patientOptions(
  connection: Connection | string,
  applicationName = "graphward",
): pg.ClientConfig {
  return {
    ...(typeof connection === "string" ? { connectionString: connection } : connection),
    connectionTimeoutMillis,
    keepAlive: true,
    keepAliveInitialDelayMillis,
    application_name: applicationName,
  };
}
