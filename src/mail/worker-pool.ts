// graphile-worker as it is used here: quiet, without signal handlers, and begun afresh where it would not recover.
import { EventEmitter } from "node:events";
import type { WorkerEvents } from "graphile-worker";
import type pg from "pg";
import type { Logger } from "pino";
import { mailTask, mailTemplates } from "../auth/outgoing-mail.ts";
import { jobSchema } from "../database/job-tables.ts";
import { seconds } from "../time.ts";
import type { SendMail } from "./send.ts";

interface Workers {
  /** Settles when no job is under way any more. Rejects when the end of a job could not be written. */
  readonly ended: Promise<void>;
  stop(): void;
}

interface PoolOptions {
  readonly pool: pg.Pool;
  readonly send: SendMail;
  readonly logger: Logger;
  /** Whether the queue can be asked; told at every look, however little has changed. */
  readonly onLook: (failure: unknown) => void;
}

/** A mail server that is slow with one message must not hold up the others. */
const jobsAtOnce = 4;

/** Once it is to stop. What is cut off then is tried again, by whichever server is there. */
const graceForSending = seconds(5);

export const startWorkerPool = async ({ pool, send, logger, onLook }: PoolOptions): Promise<Workers> => {
  const { Logger: QueueLogger, runTaskList } = await import("graphile-worker");
  const events: WorkerEvents = new EventEmitter();
  const tasks = Object.fromEntries(
    mailTemplates.map((template) => [
      mailTask(template),
      async (
        _payload: unknown,
        { job, abortSignal }: { job: Parameters<SendMail>[0]; abortSignal?: AbortSignal },
      ) => {
        const isSent = await send(job, abortSignal ?? new AbortController().signal);
        const line = { job: job.id, template };
        if (isSent) logger.info(line, "mail sent");
        else logger.info(line, "mail dropped: its link or account is gone, or its address was never proven");
      },
    ]),
  );
  const workers = runTaskList(
    {
      schema: jobSchema,
      concurrency: jobsAtOnce,
      pollInterval: seconds(2),
      // Its handlers would end the process while requests are still under way.
      noHandleSignals: true,
      gracefulShutdownAbortTimeout: graceForSending,
      // Its own words quote the job and the error's text.
      logger: new QueueLogger(() => () => undefined),
      events,
      // Otherwise a job's end that cannot be written is a rejection that nobody handles, and ends the process.
      preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
    },
    tasks,
    pool,
  );
  let isStopping = false;
  let hasLooked = false;
  const stop = () => {
    if (isStopping) return;
    isStopping = true;
    // Afterwards: in the middle of its own event it takes the end for a crash, and prints it.
    setImmediate(() => void Promise.resolve(workers.gracefulShutdown()).catch(() => undefined));
  };
  const look = () => {
    hasLooked = true;
    onLook(null);
  };

  events.on("job:error", ({ job, error }) =>
    logger.warn(
      {
        job: job.id,
        template: job.task_identifier.slice("mail:".length),
        attempt: job.attempts,
        of: job.max_attempts,
        reason: error instanceof Error ? error.message : "unknown",
      },
      "mail not sent",
    ),
  );
  events.on("worker:getJob:empty", look);
  events.on("job:start", look);
  events.on("worker:getJob:error", ({ error }) => {
    onLook(error);
    // It keeps a first failure for good, and would never find a job again. After a success it tries again by itself.
    if (!hasLooked) stop();
  });
  return { ended: workers.promise, stop };
};
