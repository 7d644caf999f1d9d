// The state of the queue that its library leaves to others: whether it is there, and jobs whose worker was killed.
import type pg from "pg";
import { migrationLockKey } from "../database/migrate.ts";
import { minutes } from "../time.ts";

/**
 * Longer than any attempt may take. The library itself waits for four hours, and a link to reset a password is dead by then.
 */
const abandonedAfter = minutes(3);

/** Not while somebody migrates: the library's tables change in many steps, and between two of them its queries fail. */
export const findQueueState = async (pool: pg.Pool): Promise<"ready" | "migrating" | "missing"> => {
  const { rows } = await pool.query<{ state: "ready" | "migrating" | "missing" }>(
    `select case
       when not pg_try_advisory_xact_lock_shared($1) then 'migrating'
       when to_regclass('graphile_worker.jobs') is null then 'missing'
       else 'ready'
     end as state`,
    [migrationLockKey.toString()],
  );
  return rows[0]?.state ?? "missing";
};

/** A worker that was killed holds its job for ever: another takes it. At worst a message is sent twice, under one id. */
export const releaseAbandonedJobs = async (pool: pg.Pool): Promise<void> => {
  await pool.query(
    `select graphile_worker.force_unlock_workers(array(
       select distinct locked_by from graphile_worker.jobs
       where task_identifier like 'mail:%' and locked_at < now() - $1 * interval '1 millisecond'))`,
    [abandonedAfter],
  );
};

/** A code where there is one: the text of a database error can hold values. */
export const describeTrouble = (error: unknown): string => {
  if (!(error instanceof Error)) return "unknown";
  return "code" in error ? String(error.code) : error.name;
};
