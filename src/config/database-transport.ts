// Whether the connection to PostgreSQL can be read or intercepted on the network.
import pg from "pg";
import { leavesTheMachine } from "./hosts.ts";

/**
 * True when an attacker on the network can read the connection, or pretend to be the database. We ask the driver how it reads
 * the URL: the last of two equal parameters wins, some words have a meaning of their own, and it reads its own variables.
 */
export const isDatabaseOverheard = (url: string): boolean => {
  const connecting = findConnecting(url);
  // For example, the certificate file does not exist: then it protects nothing.
  if (connecting === null) return true;
  const { host, ssl } = connecting;
  // A directory holds Unix sockets.
  if (host.startsWith("/") || !leavesTheMachine({ hostname: host })) return false;
  if (typeof ssl === "boolean") return !ssl;
  if (ssl.rejectUnauthorized === false || ssl.checkServerIdentity !== undefined) return true;
  // This driver treats it as `verify-full`, but `psql` and `pg_dump` do not.
  return new URL(url).searchParams.getAll("sslmode").at(-1) === "prefer";
};

/** Null if the driver refuses the URL. */
const findConnecting = (url: string): Connecting | null => {
  try {
    return new pg.Client({ connectionString: url }) as Connecting;
  } catch {
    return null;
  }
};

/** The part of pg.Client that its types lack: `ssl`. */
interface Connecting {
  readonly host: string;
  readonly ssl: boolean | { readonly rejectUnauthorized?: boolean; readonly checkServerIdentity?: unknown };
}
