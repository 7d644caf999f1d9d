// What our statements rely on, whatever the database or the role sets by default.
import { seconds } from "../../time.ts";

/** How a connection reaches PostgreSQL: see pooling.ts. */
export type Pooling = "none" | "session" | "transaction";

/** PgBouncer applies these to whichever connection it chooses; it refuses a startup packet with others. */
const followedByPoolers = {
  DateStyle: "ISO, MDY",
  TimeZone: "UTC",
  standard_conforming_strings: "on",
};

const always = {
  ...followedByPoolers,
  IntervalStyle: "postgres",
  bytea_output: "hex",
  extra_float_digits: "1",
  default_transaction_isolation: "read committed",
  default_transaction_read_only: "off",
  default_transaction_deferrable: "off",
  // A comparison with a null that was meant to find nothing would find rows.
  transform_null_equals: "off",
  row_security: "on",
  idle_session_timeout: "0",
  // Values may be secrets: see docs/operating.md, "Logs".
  log_parameter_max_length_on_error: "0",
};

/** Cannot be set by an ordinary role, but by its defaults. `replica` would silence the triggers that notify revocations. */
const unchangeable = { session_replication_role: "origin", server_encoding: "UTF8" };

/** The longest statement of ours. */
export const longestStatement = seconds(10);

/** In milliseconds; 0 for none. A connection that holds a transaction open and idle holds its locks. */
export interface Timeouts {
  readonly statement: number;
  readonly idleInTransaction: number;
}

const longestTimeouts: Timeouts = { statement: longestStatement, idleInTransaction: longestStatement };

export interface Facts {
  /** As in `server_version_num`. */
  readonly version: number;
  readonly synchronousCommit: string;
}

export function stateOf(
  timeouts: Timeouts,
  { version, synchronousCommit }: Facts,
): Readonly<Record<string, string>> {
  return {
    // First: the timeout of the role holds until then.
    statement_timeout: String(timeouts.statement),
    ...always,
    idle_in_transaction_session_timeout: String(timeouts.idleInTransaction),
    lock_timeout: "0",
    ...(version >= 170_000 && { transaction_timeout: "0" }),
    // A revocation that was acknowledged must survive a crash. The other values do wait for the disk of this server.
    ...(synchronousCommit === "off" && { synchronous_commit: "on" }),
  };
}

/** The part of the state that may stand in the startup packet. */
export function startupState(
  state: Readonly<Record<string, string>>,
  pooling: Pooling,
): Readonly<Record<string, string>> {
  return pooling === "none" ? state : followedByPoolers;
}

/** Behind a pooler in session mode, where a connection keeps what it sets until it ends. Null: nothing. */
export function stateStatement(state: Readonly<Record<string, string>>, pooling: Pooling): string | null {
  if (pooling !== "session") return null;
  return Object.entries(state)
    .map(([name, value]) => `set ${name} = '${value}'`)
    .join("; ");
}

/** What to read from `pg_settings`. */
export const checkedSettings: readonly string[] = [
  ...Object.keys(stateOf(longestTimeouts, { version: Number.POSITIVE_INFINITY, synchronousCommit: "off" })),
  ...Object.keys(unchangeable),
  "synchronous_commit",
  "server_version_num",
];

/** Values of `pg_settings` by name. */
export type Settings = ReadonlyMap<string, string>;

export function holds(settings: Settings, state: Readonly<Record<string, string>>): boolean {
  return Object.entries(state).every(([name, value]) => settings.get(name) === value);
}

/**
 * What must be changed for the role, with the value that it needs: what no connection can state, and behind a pooler in transaction
 * mode what no transaction can state either.
 */
export function findDeviations(settings: Settings, pooling: Pooling): ReadonlyMap<string, string> {
  const state = stateOf(longestTimeouts, factsOf(settings));
  const needed = { ...(pooling === "transaction" && state), ...unchangeable };
  return new Map(
    Object.entries(needed).filter(([name, value]) => {
      const actual = settings.get(name) ?? value;
      return actual !== value && !isHarmless(name, actual);
    }),
  );
}

export const factsOf = (settings: Settings): Facts => ({
  version: Number(settings.get("server_version_num")),
  synchronousCommit: settings.get("synchronous_commit") ?? "",
});

/** Transactions state their isolation, and single statements are repeated. A longer timeout is the pooler's or the role's choice. */
const isHarmless = (name: string, value: string): boolean =>
  name === "default_transaction_isolation" ||
  name === "default_transaction_deferrable" ||
  (name.endsWith("_timeout") && (value === "0" || Number(value) >= longestStatement));
