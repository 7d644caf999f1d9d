// How PostgreSQL is reached: the address, the timeouts, and pools that survive a lost connection.
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

/** Without these a caller waits for ever for a database that is silent. */
const timeouts = {
  query_timeout: seconds(10),
  statement_timeout: seconds(10),
  idle_in_transaction_session_timeout: seconds(10),
};

/** Connects nothing yet: a pool opens a connection when a statement first needs one. */
export function createPool(config: pg.ClientConfig, size: number): pg.Pool {
  const pool = new pg.Pool({ ...config, max: size });
  // A query on a lost connection fails by itself; without a listener the loss would end the process as well.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  return pool;
}

/** For statements of requests and commands. */
export function impatientOptions(connection: Connection | string): pg.ClientConfig {
  return { ...patientOptions(connection), ...timeouts };
}

/** For a connection that is kept for good, of which PostgreSQL may not end a long wait. */
export function listenerOptions(connection: Connection | string): pg.ClientConfig {
  return { ...patientOptions(connection), query_timeout: timeouts.query_timeout };
}

/** For migrations: a new index on a large table takes as long as it takes. */
export function patientOptions(connection: Connection | string): pg.ClientConfig {
  return {
    ...(typeof connection === "string" ? { connectionString: connection } : connection),
    connectionTimeoutMillis,
    keepAlive: true,
    application_name: "graphward",
  };
}
