// The queue as an operator sees it: jobs that wait or have failed, and retrying them.
import { type RawBuilder, sql } from "kysely";
import { inJobs, ownJobSchema } from "../database/own-schema.ts";
import type { Database } from "../database/tables.ts";
import { days } from "../time.ts";

export interface QueuedMail {
  readonly id: string;
  readonly template: string;
  /** `failed`: it is not retried automatically any more. */
  readonly state: "waiting" | "sending" | "failed";
  readonly attempts: number;
  readonly maxAttempts: number;
  readonly lastError: string | null;
  /** Null when it has failed permanently. */
  readonly nextTry: Date | null;
}

const isMail = sql<boolean>`task_identifier like 'mail:%'`;
const hasFailed = sql<boolean>`attempts >= max_attempts and locked_at is null`;

/** Oldest first. Recipient and content are not shown: the rows do not hold them. */
export const listQueuedMail = async (database: Database): Promise<readonly QueuedMail[]> => {
  await requireQueue(database);
  const { rows } = await sql<QueuedMail>`
    select id::text as id,
      substr(task_identifier, 6) as template,
      case when ${hasFailed} then 'failed' when locked_at is not null then 'sending' else 'waiting' end as state,
      attempts::int as attempts,
      max_attempts::int as "maxAttempts",
      last_error as "lastError",
      case when not (${hasFailed}) then run_at end as "nextTry"
    from ${inJobs("jobs")} as jobs where ${isMail} order by jobs.id`.execute(database);
  return rows;
};

/** Returns the ids of the retried jobs, which start again with their first attempt. Null: all that have failed. */
export const retryMail = async (database: Database, ids: readonly string[] | null): Promise<string[]> => {
  await requireQueue(database);
  const chosen: RawBuilder<boolean> =
    ids === null ? sql`last_error is not null` : sql`id::text = any(${[...ids]}::text[])`;
  const { rows } = await sql<{ id: string }>`
    select retried.id::text as id from ${inJobs("reschedule_jobs")}(
      array(select id from ${inJobs("jobs")} where ${isMail} and locked_at is null and ${chosen}),
      run_at => now(), attempts => 0) as retried
    order by retried.id`.execute(database);
  // Without the notice, workers see the change at their next poll.
  await sql`select pg_notify('jobs:insert', '{"count":1}')`.execute(database);
  return rows.map(({ id }) => id);
};

/** Long enough to notice the failure and retry. */
const failedMailLifetime = days(30);

/** Deletes mail that failed permanently long ago. Returns how many. */
export const pruneFailedMail = async (database: Database): Promise<number> => {
  if (!(await hasQueue(database))) return 0;
  const { rows } = await sql`
    select id from ${inJobs("complete_jobs")}(array(
      select id from ${inJobs("jobs")}
      where ${isMail} and ${hasFailed} and created_at < now() - ${failedMailLifetime} * interval '1 millisecond'))`.execute(
    database,
  );
  return rows.length;
};

/** With AUTO_MIGRATE=off, the tables may not exist yet. */
const hasQueue = async (database: Database): Promise<boolean> => {
  const { rows } = await sql<{
    there: boolean;
  }>`select to_regclass(${ownJobSchema}::text || '.jobs') is not null as there`.execute(database);
  return rows[0]?.there === true;
};

const requireQueue = async (database: Database): Promise<void> => {
  if (!(await hasQueue(database)))
    throw new Error("The tables of the mail queue are missing: run graphward migrate.");
};
