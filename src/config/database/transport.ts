// Where the database is, and whether the connection to it can be read or intercepted on the network.
import { leavesTheMachine } from "../network/hosts.ts";
import type { DatabaseConnection } from "./connection.ts";

/** True when an attacker on the network can read the connection, or pretend to be the database. */
export function isDatabaseOverheard({ host, ssl, sslMode }: DatabaseConnection): boolean {
  // A directory holds Unix sockets.
  if (host.startsWith("/") || !leavesTheMachine({ hostname: host })) return false;
  // We treat `prefer` as `verify-full`, but `psql` and `pg_dump` do not.
  return ssl === false || sslMode === "no-verify" || sslMode === "prefer";
}

/** True when any server with a certificate of the authority is accepted. */
export function isNameUnchecked({ host, ssl, sslMode }: DatabaseConnection): boolean {
  return ssl !== false && sslMode === "verify-ca" && leavesTheMachine({ hostname: host });
}

/**
 * Whether the database is on this machine or beside it: a socket, localhost, or a name without a dot, as Docker Compose gives it.
 * A database on another host may be shared with others, also when it is empty.
 */
export function isOwnDatabase({ host }: Pick<DatabaseConnection, "host">): boolean {
  return host.startsWith("/") || !leavesTheMachine({ hostname: host }) || /^[a-z0-9-]+$/i.test(host);
}
