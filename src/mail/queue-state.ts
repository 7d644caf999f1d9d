// The state of the queue that graphile-worker does not handle: missing tables, and jobs of killed workers.
import type pg from "pg";
import { jobSchemaOf, migrationLockOf } from "../database/own-schema.ts";
import { minutes } from "../time.ts";

/**
 * Longer than any attempt can take. graphile-worker waits four hours, and a password reset link has expired by then.
 */
const abandonedAfter = minutes(3);

/**
 * "migrating" while a server migrates: graphile-worker's tables change in many steps, and its queries fail
 * between two of them.
 */
export const findQueueState = async (
  pool: pg.Pool,
  schema: string,
): Promise<"ready" | "migrating" | "missing"> => {
  const { rows } = await pool.query<{ state: "ready" | "migrating" | "missing" }>(
    `select case
       when not pg_try_advisory_xact_lock_shared(hashtextextended($1, 0)) then 'migrating'
       when to_regclass($2) is null then 'missing'
       else 'ready'
     end as state`,
    [migrationLockOf(schema), `${jobSchemaOf(schema)}.jobs`],
  );
  return rows[0]?.state ?? "missing";
};

/**
 * A killed worker keeps its job locked: this releases it for another. At worst a message is sent twice, with
 * the same Message-ID.
 */
export const releaseAbandonedJobs = async (pool: pg.Pool, schema: string): Promise<void> => {
  const jobs = jobSchemaOf(schema);
  await pool.query(
    `select ${jobs}.force_unlock_workers(array(
       select distinct locked_by from ${jobs}.jobs
       where task_identifier like 'mail:%' and locked_at < now() - $1 * interval '1 millisecond'))`,
    [abandonedAfter],
  );
};

/** The code when there is one: the text of a database error can hold values. */
export const describeTrouble = (error: unknown): string => {
  if (!(error instanceof Error)) return "unknown";
  return "code" in error ? String(error.code) : error.name;
};
