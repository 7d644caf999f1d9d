// What waits in the database: jobs, mail and unsealed events. Read at a scrape, at most once in ten seconds.
import { setTimeout as pause } from "node:timers/promises";
import { sql } from "kysely";
import { Gauge, type Registry } from "prom-client";
import { inJobs } from "../database/own-schema.ts";
import type { Database } from "../database/tables.ts";
import { seconds } from "../time.ts";

const readEvery = seconds(10);
/** A scrape waits no longer: it answers without these values. */
const patience = seconds(2);

/** A queue that has grown for days must not make each scrape slower. */
const jobsAtMost = 10_000;

const kinds = ["mail", "application"] as const;

interface Queue {
  readonly kind: (typeof kinds)[number];
  readonly waiting: number;
  readonly running: number;
  readonly failed: number;
  /** Seconds. */
  readonly oldest: number;
}

interface State {
  readonly queues: readonly Queue[];
  /** Seconds. */
  readonly sealing: number;
}

/** `findDatabase`: null during the start. Returns what a scrape awaits before it reads the gauges. */
export const addDatabaseState = (
  registry: Registry,
  findDatabase: () => Database | null,
): (() => Promise<void>) => {
  const registers = [registry];
  const isKnown = new Gauge({
    name: "graphward_database_state_known",
    aggregator: "min",
    help: "1 if the values of jobs and of the audit trail could be read. 0: the database does not respond, and these values are missing.",
    registers,
  });
  const jobs = new Gauge({
    name: "graphward_jobs",
    help: `Jobs by kind and state: \`waiting\` for their time, \`running\`, \`failed\` for good. Counted among ${jobsAtMost} jobs at most.`,
    labelNames: ["kind", "state"],
    // Every worker reads the same queue.
    aggregator: "max",
    registers,
  });
  const oldest = new Gauge({
    name: "graphward_jobs_oldest_seconds",
    help: "How long the oldest job waits: since it was due, or since it was added if it has failed before. 0: none waits.",
    labelNames: ["kind"],
    aggregator: "max",
    registers,
  });
  const sealing = new Gauge({
    name: "graphward_audit_sealing_lag_seconds",
    help: "The age of the oldest security event that is not sealed yet. Every 10 seconds one server seals all.",
    aggregator: "max",
    registers,
  });
  const show = (state: State | null) => {
    isKnown.set(state === null ? 0 : 1);
    sealing.remove();
    jobs.reset();
    oldest.reset();
    if (state === null) return;
    sealing.set(state.sealing);
    for (const { kind, waiting, running, failed, oldest: age } of state.queues) {
      jobs.set({ kind, state: "waiting" }, waiting);
      jobs.set({ kind, state: "running" }, running);
      jobs.set({ kind, state: "failed" }, failed);
      oldest.set({ kind }, age);
    }
  };
  show(null);

  let reading: Promise<void> | null = null;
  let readAt = Number.NEGATIVE_INFINITY;
  const read = async (database: Database) => {
    const state = await readState(database).catch(() => null);
    readAt = performance.now();
    reading = null;
    show(state);
  };
  return async () => {
    const database = findDatabase();
    if (database === null || performance.now() - readAt < readEvery) return;
    // One that is still running is not asked again.
    reading ??= read(database);
    const late = new AbortController();
    const isLate = pause(patience, true, { signal: late.signal, ref: false }).catch(() => false);
    if (await Promise.race([reading.then(() => false), isLate])) show(null);
    late.abort();
  };
};

const readState = async (database: Database): Promise<State> => {
  const queues = await readQueues(database);
  return {
    queues: kinds.map((kind) => queues.find((it) => it.kind === kind) ?? { ...empty, kind }),
    sealing: await readSealingLag(database),
  };
};

const empty = { waiting: 0, running: 0, failed: 0, oldest: 0 };

const readQueues = async (database: Database): Promise<readonly Queue[]> => {
  const { rows } = await sql<Queue>`
    select kind,
      count(*) filter (where state = 'waiting')::int as waiting,
      count(*) filter (where state = 'running')::int as running,
      count(*) filter (where state = 'failed')::int as failed,
      coalesce(greatest(max(age) filter (where state = 'waiting'), 0), 0)::float8 as oldest
    from (
      select case when task_identifier like 'mail:%' then 'mail' else 'application' end as kind,
        case when locked_at is not null then 'running' when attempts >= max_attempts then 'failed' else 'waiting' end as state,
        extract(epoch from now() - case when attempts = 0 then run_at else created_at end) as age
      from ${inJobs("jobs")} as jobs limit ${jobsAtMost}
    ) as queued group by kind`.execute(database);
  return rows;
};

/** From the index of unsealed events. */
const readSealingLag = async (database: Database): Promise<number> => {
  const oldest = await database
    .selectFrom("audit_events")
    .select(sql<number>`greatest(extract(epoch from clock_timestamp() - at), 0)::float8`.as("lag"))
    .where("sequence", "is", null)
    .orderBy("id")
    .limit(1)
    .executeTakeFirst();
  return oldest?.lag ?? 0;
};
