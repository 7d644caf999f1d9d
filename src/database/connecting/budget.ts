// How many connections the processes of a server open, and how many PostgreSQL allows.
import { sql } from "kysely";
import type { Database } from "../tables.ts";

/** Pruning, and sealing the audit trail. */
export const backgroundConnections = 2;
const listening = 1;
/** One listens, the others fetch jobs and store their results. */
export const jobConnections = 3;
export const watchingReplica = 1;

export interface Processes {
  readonly workers: number;
  /** For requests, of each process. */
  readonly databaseConnections: number;
  /** Whether the application has jobs of its own. */
  readonly hasJobs: boolean;
}

/** At most: each is opened when it is first needed. */
export function countConnections({ workers, databaseConnections, hasJobs }: Processes): number {
  const jobs = hasJobs ? 2 * jobConnections : jobConnections;
  return workers * (databaseConnections + backgroundConnections + listening + jobs);
}

/** Connections to a replica, which allows a number of its own: those that read lists, and the one that asks whether it may be used. */
export function countReplicaConnections({
  workers,
  databaseConnections,
}: Pick<Processes, "workers" | "databaseConnections">): number {
  return workers * (databaseConnections + watchingReplica);
}

/** For this role and database, without those that PostgreSQL keeps for its administrators. */
export async function findAllowedConnections(database: Database): Promise<number> {
  const { rows } = await sql<{ allowed: number }>`
    select least(
      current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - coalesce(current_setting('reserved_connections', true)::int, 0),
      (select nullif(datconnlimit, -1) from pg_catalog.pg_database where datname = current_database()),
      (select nullif(rolconnlimit, -1) from pg_catalog.pg_roles where rolname = current_user)
    ) as allowed`.execute(database);
  return rows[0]?.allowed ?? Number.POSITIVE_INFINITY;
}
