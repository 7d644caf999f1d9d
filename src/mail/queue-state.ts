// The state of the queue that its library leaves to others: whether it is there, and jobs whose worker was killed.
import type pg from "pg";
import { minutes } from "../time.ts";

/**
 * Longer than any attempt may take. The library itself waits for four hours, and a link to reset a password is dead by then.
 */
const abandonedAfter = minutes(3);

export const isQueueReady = async (pool: pg.Pool): Promise<boolean> => {
  const { rows } = await pool.query<{ ready: boolean }>(
    "select to_regclass('graphile_worker.jobs') is not null as ready",
  );
  return rows[0]?.ready === true;
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
