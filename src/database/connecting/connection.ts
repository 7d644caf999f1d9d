// Connections to PostgreSQL: what they state, the timeouts, and pools that survive a lost connection.
import type { ConnectionOptions } from "node:tls";
import pg from "pg";
import { milliseconds, seconds } from "../../time.ts";
import type { ClientOptions } from "./client.ts";
import { countWait, findTimeLeft, longestReply, outOfTime } from "./patience.ts";
import {
  type Facts,
  type Pooling,
  startupState,
  stateOf,
  stateStatement,
  type Timeouts,
} from "./session-state.ts";
import { createClientClass } from "./silence.ts";

export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Empty: none. */
  readonly password: string;
  readonly database: string;
}

/** As the settings describe it. */
export interface ConfiguredConnection extends Connection {
  readonly ssl?: ConnectionOptions | false;
  /** TLS without PostgreSQL's own request before it. */
  readonly isDirectTls?: boolean;
  readonly isChannelBound?: boolean;
  /** PostgreSQL's command-line options, which our own state overrules. */
  readonly options?: string | null;
  readonly applicationName?: string | null;
  /** The variables of the environment that completed it. */
  readonly variables?: readonly string[];
}

/** A connection, and what was found at its end. */
export interface Route extends ConfiguredConnection {
  readonly pooling: Pooling;
  readonly facts: Facts;
}

/** The pool's size in a command. */
export const maxConnections = 10;

/** For a place in the pool, and for a new connection: four round trips, on a slow way of half a second each. */
const connectionTimeoutMillis = milliseconds(2200);

/**
 * While the database is silent, a request waits for one `longestReply` and one `connectionTimeoutMillis` at most, then silence.ts
 * knows. PostgreSQL cancels a slow statement before we destroy its connection.
 */
const timeoutsOfRequests: Timeouts = {
  statement: milliseconds(2300),
  // A lost connection keeps its row locks until PostgreSQL ends the transaction.
  idleInTransaction: seconds(5),
};

/** Nobody waits for an answer, and a command may read or delete many rows. */
const queryTimeoutOfCommands = seconds(10);
const timeoutsOfCommands: Timeouts = { statement: seconds(10), idleInTransaction: seconds(10) };

/**
 * The time limits of a replica. When they are over, the primary answers, and needs four of the five seconds of a request: one is left for the wait until the
 * replica has everything, and this.
 */
const connectionTimeoutOfReplica = milliseconds(500);
const queryTimeoutOfReplica = milliseconds(1000);
const timeoutsOfReplica: Timeouts = { statement: milliseconds(900), idleInTransaction: seconds(5) };

const noTimeouts: Timeouts = { statement: 0, idleInTransaction: 0 };

/** The statements of the mail queue are short. */
const listenerTimeout = seconds(5);

/** The operating system's own delay is two hours: until then, nobody would notice that an idle connection is lost. */
const keepAliveInitialDelayMillis = seconds(10);

/** To the built-in PostgreSQL, which we know. */
export function builtInRoute(connection: Connection): Route {
  return { ...connection, pooling: "none", facts: { version: 180_000, synchronousCommit: "off" } };
}

/** Lazy: a pool opens a connection when a statement first needs one. */
export function createPool(options: ClientOptions, size: number): pg.Pool {
  const pool = new pg.Pool({ ...options, max: size });
  // An idle connection was lost: without this listener, the event would end the process.
  pool.on("error", () => undefined);
  // For graphile-worker, which warns on standard error of a pool without it. Our clients listen themselves, from the first moment.
  pool.on("connect", (client) => client.on("error", () => undefined));
  return pool;
}

/** A place in the pool, if there is one while the request still waits: see patience.ts. */
export async function connectInTime(pool: pg.Pool): Promise<pg.PoolClient> {
  const left = findTimeLeft();
  if (left <= 0) throw outOfTime();
  const connecting = countWait(pool.connect());
  if (left > connectionTimeoutMillis) return connecting;
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      reject(outOfTime());
      connecting.then(
        (client) => client.release(),
        () => undefined,
      );
    }, left);
    connecting.then(resolve, reject).finally(() => clearTimeout(late));
  });
}

/** For statements of requests. */
export function impatientOptions(route: Route): ClientOptions {
  return { ...optionsWith(route, timeoutsOfRequests), query_timeout: longestReply };
}

/** For statements of commands and background work. */
export function commandOptions(route: Route): ClientOptions {
  return { ...optionsWith(route, timeoutsOfCommands), query_timeout: queryTimeoutOfCommands };
}

/** For reads of lists, which write nothing: also when the replica has become a primary. */
export function replicaOptions(route: Route): ClientOptions {
  return {
    ...optionsWith(route, timeoutsOfReplica, { default_transaction_read_only: "on" }),
    connectionTimeoutMillis: connectionTimeoutOfReplica,
    query_timeout: queryTimeoutOfReplica,
  };
}

/** For a connection that stays open: PostgreSQL must not end a long idle wait. */
export function listenerOptions(route: Route): ClientOptions {
  return { ...optionsWith(route, noTimeouts), query_timeout: listenerTimeout };
}

/** For migrations: an index on a large table may take hours. */
export function patientOptions(route: Route, applicationName: string): ClientOptions {
  return optionsWith({ ...route, applicationName }, noTimeouts);
}

const optionsWith = (
  route: Route,
  timeouts: Timeouts,
  differences: Readonly<Record<string, string>> = {},
): ClientOptions => {
  const { host, port, user, password, database, ssl = false, pooling, facts } = route;
  const state = { ...stateOf(timeouts, facts), ...differences };
  return {
    host,
    port,
    user,
    // The driver takes PGPASSWORD or a file for an empty text, but not for a function.
    password: password === "" ? () => "" : password,
    database,
    ssl,
    sslnegotiation: route.isDirectTls ? "direct" : "postgres",
    enableChannelBinding: route.isChannelBound ?? false,
    connectionTimeoutMillis,
    keepAlive: true,
    keepAliveInitialDelayMillis,
    startup: {
      ...(route.options != null && { options: route.options }),
      application_name: route.applicationName ?? "graphward",
      ...startupState(state, pooling),
    },
    onceConnected: stateStatement(state, pooling),
    // A pooler gives the connection to another client, who may have given the name to another statement.
    keepsPlans: pooling === "none",
    Client: createClientClass(),
  };
};
