// Connects to the replica of DATABASE_REPLICA_URL, and refuses a server that is none of this database.
import type pg from "pg";
import { watchingReplica } from "../connecting/budget.ts";
import { type ConfiguredConnection, createPool, replicaOptions } from "../connecting/connection.ts";
import { describePlace } from "../connecting/descriptions.ts";
import { findIdentity } from "../connecting/pooling.ts";
import { requireRoute } from "../connecting/routes.ts";
import { isDatabaseUnavailable, isRefusal } from "../failures.ts";
import { createKysely } from "../open.ts";
import type { Database } from "../tables.ts";
import { findReplayed } from "./position.ts";

export interface ReplicaPlace {
  readonly connection: ConfiguredConnection;
  readonly schema: string;
  /** For reads. */
  readonly size: number;
  /** Identifies the primary. */
  readonly identity: string | null;
  /** For messages. */
  readonly primary: string;
}

export interface ConnectedReplica {
  readonly pool: pg.Pool;
  readonly isPooled: boolean;
  readonly reads: Database;
  /** With a connection of its own: a busy pool does not make the replica look away. */
  readonly watch: Database;
  close(): Promise<void>;
}

/** The replica is there, but is not one of this database, or does not let us in. */
export class RefusedReplica extends Error {
  /** Behind the name of the setting. */
  readonly reason: string;

  constructor(reason: string) {
    super(`DATABASE_REPLICA_URL ${reason}`);
    this.reason = reason;
  }
}

/** Throws a RefusedReplica with a one-line message, or another error when the replica does not respond. */
export async function connectReplica(place: ReplicaPlace): Promise<ConnectedReplica> {
  const { connection, schema, size } = place;
  const { route } = await requireRoute(connection, null).catch((error: unknown) => {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    if (isDatabaseUnavailable(cause) && !isRefusal(cause)) throw cause;
    throw new RefusedReplica(`cannot be used: ${error instanceof Error ? error.message : error}`);
  });
  const pool = createPool(replicaOptions(route), size);
  const reads = createKysely(pool, schema);
  const watch = createKysely(createPool(replicaOptions(route), watchingReplica), schema);
  const close = async () => {
    await Promise.all([reads.destroy(), watch.destroy()]);
  };
  try {
    const described = describePlace(connection);
    if ((await findIdentity(route)) !== place.identity)
      throw new RefusedReplica(
        `leads to another database (${described}) than DATABASE_URL (${place.primary}): write a replica of the same database.`,
      );
    if ((await findReplayed(watch)) === null)
      throw new RefusedReplica(
        `leads to a primary server (${described}): write a replica of DATABASE_URL, or remove the setting.`,
      );
    return { pool, isPooled: route.pooling !== "none", reads, watch, close };
  } catch (error) {
    await close();
    throw error;
  }
}
