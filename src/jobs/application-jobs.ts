// Runs the jobs of an application, beside our mail: with workers of their own, so that neither waits for the other.
import { EventEmitter } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import type { EntityManager } from "@mikro-orm/postgresql";
import type { JobHelpers, TaskList, WorkerEvents } from "graphile-worker";
import type { Logger } from "pino";
import { isOfMail, rememberTasks } from "../database/add-job.ts";
import { jobConnections } from "../database/connecting/budget.ts";
import { graceForJobs, resultsInBatches, untilEnded } from "../database/job-workers.ts";
import type { OpenDatabaseWithEntities } from "../database/open.ts";
import { jobSchemaOf } from "../database/own-schema.ts";
import { describeForLog } from "../error-log.ts";
import { seconds } from "../time.ts";
import { inRootSpan } from "../tracing/spans.ts";

export interface ApplicationJobs {
  /** By name. A task that throws is tried again, later and later, 25 times. */
  readonly tasks: Readonly<Record<string, Task>>;
  /** A task at each of these times, on one server only. */
  readonly cron?: readonly CronLine[];
  /** How many run at the same time on each server. Four, unless it says otherwise. */
  readonly concurrency?: number;
}

/** `payload`: what `addJob` was given, as JSON. Check it: a job may be older than this version of the code. */
export type Task = (payload: unknown, job: Job) => Promise<void>;

export interface Job {
  /** A new identity map for each job. */
  readonly em: EntityManager;
  readonly log: Logger;
  /** 1 at the first try. */
  readonly attempt: number;
  /** Aborted when the server ends: what is not done then is tried again on another server. */
  readonly signal: AbortSignal;
}

export interface CronLine {
  readonly task: string;
  /** Minute, hour, day, month, day of the week, in UTC: `0 3 * * *`. */
  readonly pattern: string;
  readonly payload?: Readonly<Record<string, unknown>>;
  /** Milliseconds: a start runs what was due so long ago and was missed, because no server ran. Nothing, unless it says otherwise. */
  readonly catchUp?: number;
}

export interface OpenApplicationJobs {
  /** Takes no new jobs, and lets running ones finish within `grace` milliseconds. */
  close(grace: number): Promise<void>;
}

interface Parts {
  readonly jobs: ApplicationJobs;
  readonly opened: OpenDatabaseWithEntities;
  readonly logger: Logger;
}

const defaultConcurrency = 4;
const retryAfter = seconds(2);

/** Throws for a cron line that cannot be read, or that names no task. */
export async function openApplicationJobs({ jobs, opened, logger }: Parts): Promise<OpenApplicationJobs> {
  const { tasks, cron = [], concurrency = defaultConcurrency } = jobs;
  const { Logger: QueueLogger, parseCronItems, run } = await import("graphile-worker");
  const reserved = Object.keys(tasks).find(isOfMail);
  // Two kinds of workers would race for our mail, and the application's would get what it holds.
  if (reserved !== undefined)
    throw new Error(`jobs.tasks has the name ${reserved}: names that begin with mail: are Graphward's.`);
  for (const { task } of cron)
    if (!Object.hasOwn(tasks, task))
      throw new Error(`jobs.cron names the task ${task}, which is not in jobs.tasks.`);
  const parsedCronItems = parseCronItems(
    cron.map(({ task, pattern, payload, catchUp = 0 }) => ({
      task,
      match: pattern,
      // A task may have several lines.
      identifier: `${task} ${pattern}`,
      options: { backfillPeriod: catchUp },
      ...(payload && { payload }),
    })),
  );
  rememberTasks(opened.orm, Object.keys(tasks));
  // One listens, one plans, the others fetch jobs and store their results.
  const pool = opened.createPool(jobConnections);
  const closing = new AbortController();
  const { signal } = closing;
  const taskList = createTaskList(tasks, { opened, logger, signal });

  const warn = (error: unknown) => logger.warn({ error: describeForLog(error) }, "job queue unavailable");
  const work = async () => {
    const events: WorkerEvents = new EventEmitter();
    // A result that could not be stored. These workers end without a failure, and new ones begin.
    events.on("pool:fatalError", ({ error }) => warn(error));
    const runner = await run({
      schema: jobSchemaOf(opened.schema),
      pgPool: pool,
      taskList,
      parsedCronItems,
      concurrency,
      pollInterval: seconds(2),
      noHandleSignals: true,
      gracefulShutdownAbortTimeout: graceForJobs,
      events,
      preset: { worker: resultsInBatches },
      // Its log lines quote the job and the error's text.
      logger: new QueueLogger(() => () => undefined),
    });
    const stop = () => void runner.stop().catch(() => undefined);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    await untilEnded({ ended: runner.promise, events, closing: signal }).finally(() => {
      signal.removeEventListener("abort", stop);
      // Its cron, if its workers are given up.
      stop();
    });
  };
  const running = (async () => {
    while (!signal.aborted) {
      await work().catch(warn);
      await pause(retryAfter, undefined, { signal, ref: false }).catch(() => undefined);
    }
  })();
  return {
    async close(grace) {
      closing.abort();
      const ended = running.then(() => pool.end());
      await Promise.race([ended, pause(grace, undefined, { ref: false })]);
    },
  };
}

const createTaskList = (
  tasks: ApplicationJobs["tasks"],
  { opened, logger, signal }: Omit<Parts, "jobs"> & { readonly signal: AbortSignal },
): TaskList =>
  Object.fromEntries(
    Object.entries(tasks).map(([name, task]) => [
      name,
      inRootSpan(spanOfJob(name), null, async (payload: unknown, { job }: JobHelpers) => {
        const log = logger.child({ job: job.id, task: name });
        try {
          await task(payload, { em: opened.orm.em.fork(), log, attempt: job.attempts, signal });
          log.info("job done");
        } catch (error) {
          log.warn(
            { attempt: job.attempts, of: job.max_attempts, error: describeForLog(error) },
            "job failed",
          );
          // The text of an error may hold values; the queue stores this one.
          throw new Error(error instanceof Error ? error.name : "unknown", { cause: error });
        }
      }),
    ]),
  );

/** A trace of its own: the payload is the application's alone, and holds none to continue. */
const spanOfJob = (task: string) => ({ name: `job ${task}`, kind: "CONSUMER" }) as const;
