// Connections to PostgreSQL: the URL, the timeouts, and pools that survive a lost connection.
import pg from "pg";
import { seconds } from "../time.ts";

export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

export const maxConnections = 10;

const connectionTimeoutMillis = seconds(3);

/** Without timeouts, a request waits forever for a database that does not respond. */
const timeouts = {
  query_timeout: seconds(10),
  statement_timeout: seconds(10),
  idle_in_transaction_session_timeout: seconds(10),
};

/** Lazy: a pool opens a connection when a statement first needs one. */
export function createPool(config: pg.ClientConfig, size: number): pg.Pool {
  const pool = new pg.Pool({ ...config, max: size });
  // A query on a lost connection rejects by itself; without this listener, the error event would also end the process.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  return pool;
}

/** For statements of requests and commands. */
export function impatientOptions(connection: Connection | string): pg.ClientConfig {
  return { ...patientOptions(connection), ...timeouts };
}

/** For a connection that stays open: PostgreSQL must not end a long idle wait. */
export function listenerOptions(connection: Connection | string): pg.ClientConfig {
  return { ...patientOptions(connection), query_timeout: timeouts.query_timeout };
}

/** For migrations: an index on a large table may take hours. */
export function patientOptions(connection: Connection | string): pg.ClientConfig {
  return {
    ...(typeof connection === "string" ? { connectionString: connection } : connection),
    connectionTimeoutMillis,
    keepAlive: true,
    application_name: "graphward",
  };
}
