// How what we say to a PostgreSQL elsewhere travels.
import pg from "pg";
import { leavesTheMachine } from "./hosts.ts";

/**
 * True when somebody on the way could read it, or be the one who answers. The driver is asked what it makes of the address: it
 * takes the last of what is said twice, has its own meanings for some words, and variables of its own.
 */
export const isDatabaseOverheard = (url: string): boolean => {
  const connecting = findConnecting(url);
  // Such as a certificate that is not there: then nothing is checked by it.
  if (connecting === null) return true;
  const { host, ssl } = connecting;
  // A folder is one of sockets.
  if (host.startsWith("/") || !leavesTheMachine({ hostname: host })) return false;
  if (typeof ssl === "boolean") return !ssl;
  if (ssl.rejectUnauthorized === false || ssl.checkServerIdentity !== undefined) return true;
  // This driver takes it for `verify-full`. `psql` and `pg_dump`, given the same address, do not.
  return new URL(url).searchParams.getAll("sslmode").at(-1) === "prefer";
};

/** Null for what the driver refuses. */
const findConnecting = (url: string): Connecting | null => {
  try {
    return new pg.Client({ connectionString: url }) as Connecting;
  } catch {
    return null;
  }
};

/** Of a pg.Client; its types leave the second out. */
interface Connecting {
  readonly host: string;
  readonly ssl: boolean | { readonly rejectUnauthorized?: boolean; readonly checkServerIdentity?: unknown };
}
