// Finds out what a connection leads to: PostgreSQL itself, or a pooler, and whether that keeps a connection for one client alone.
import type pg from "pg";
import { Client } from "./client.ts";
import { type ConfiguredConnection, listenerOptions, type Route } from "./connection.ts";
import {
  checkedSettings,
  factsOf,
  findDeviations,
  holds,
  longestStatement,
  type Pooling,
  type Settings,
  startupState,
  stateOf,
} from "./session-state.ts";

export interface FoundRoute {
  readonly route: Route;
  /** Settings of the role or the database that must be changed, and cannot be by us: see `findDeviations`. */
  readonly deviations: ReadonlyMap<string, string>;
}

/** Connects. Throws the driver's error. `isSharedAnyway`: do not ask what kind of pooler it is. */
export async function findRoute(
  connection: ConfiguredConnection,
  { isSharedAnyway = false } = {},
): Promise<FoundRoute> {
  const direct: Route = { ...connection, pooling: "none", facts: { version: 0, synchronousCommit: "" } };
  const found = await withClient(direct, readSettings).catch((error: unknown) => {
    if (isRefusedStartup(error)) return null;
    throw error;
  });
  const stated = startupState(stateOf({ statement: 0, idleInTransaction: 0 }, direct.facts), "none");
  if (found?.isOwnProcess && holds(found.settings, stated)) return describe(direct, "none", found.settings);

  const shared: Route = { ...direct, pooling: "transaction" };
  const pooling = isSharedAnyway || (await sharesConnections(shared)) ? "transaction" : "session";
  const { settings } = await withClient(shared, readSettings);
  return describe(direct, pooling, settings);
}

const describe = (route: Route, pooling: Pooling, settings: Settings): FoundRoute => ({
  route: { ...route, pooling, facts: factsOf(settings) },
  deviations: findDeviations(settings, pooling),
});

/** The same for a primary and its standby. */
export const identityStatement = `select system_identifier::text || ' ' || oid::text as identity
  from pg_catalog.pg_control_system(), pg_catalog.pg_database where datname = current_database()`;

/** Null when the server does not say. */
export async function findIdentity(route: Route): Promise<string | null> {
  return withClient(route, async (client) => {
    const { rows } = await client.query<{ identity: string }>(identityStatement);
    return rows[0]?.identity ?? null;
  }).catch((error: unknown) => {
    if (codeOf(error) === insufficientPrivilege) return null;
    throw error;
  });
}

const insufficientPrivilege = "42501";
const protocolViolation = "08P01";

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "";

/** PgBouncer's, and that of servers that lack one of the settings. */
const isRefusedStartup = (error: unknown): boolean =>
  [protocolViolation, "0A000", "42704"].includes(codeOf(error));

const readSettings = async (client: pg.Client) => {
  await beginTransaction(client);
  const { rows } = await client.query<{ pid: number; name: string; setting: string }>(
    `select pg_backend_pid() as pid, name,
       case name when 'statement_timeout' then reset_val else setting end as setting
     from pg_catalog.pg_settings where name = any($1)`,
    [checkedSettings],
  );
  await client.query("commit");
  return {
    settings: new Map(rows.map(({ name, setting }) => [name, setting])),
    // A pooler tells its clients numbers of its own.
    isOwnProcess: (client as Client).processID === rows[0]?.pid,
  };
};

/** A pooler may run several processes, each with connections of its own. */
const othersToTry = 4;

/** True when the connection of an idle client serves another client: what the first one locks or listens to is lost. */
const sharesConnections = (route: Route): Promise<boolean> =>
  withClient(route, async (first) => {
    const before = await findProcess(first);
    await first.query("commit");
    const isTaken = async (others: number): Promise<boolean> =>
      others > 0 &&
      withClient(route, async (other) => (await findProcess(other)) === before || isTaken(others - 1));
    return (await isTaken(othersToTry)) || (await findProcess(first)) !== before;
  });

/** Begins a transaction, so that the process is not given to another client. */
const findProcess = async (client: pg.Client): Promise<number | undefined> => {
  await beginTransaction(client);
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  return rows[0]?.pid;
};

/** With a timeout of its own: that of the role may be too short even for this. */
const beginTransaction = async (client: pg.Client): Promise<void> => {
  await client.query(`begin; set local statement_timeout = ${longestStatement}`).catch((error: unknown) => {
    if (codeOf(error) !== protocolViolation) throw error;
    throw new Error("it is a pooler in statement mode: set its pool_mode to transaction");
  });
};

const withClient = async <Value>(
  route: Route,
  work: (client: pg.Client) => Promise<Value>,
): Promise<Value> => {
  const client = new Client(listenerOptions(route));
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
};
