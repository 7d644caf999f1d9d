// graphile-worker, configured: no console output, no signal handlers, restarted where it would not recover.
import { EventEmitter } from "node:events";
import type { WorkerEvents } from "graphile-worker";
import type pg from "pg";
import type { Logger } from "pino";
import { type MailTemplate, mailTask, mailTemplates } from "../auth/outgoing-mail.ts";
import { graceForJobs, resultsInBatches, untilEnded } from "../database/job-workers.ts";
import { jobSchemaOf } from "../database/own-schema.ts";
import { seconds } from "../time.ts";
import { inRootSpan, type SpanOf } from "../tracing/spans.ts";
import { findTraceparent, traceIdIn } from "../tracing/traceparent.ts";
import type { SendMail } from "./send.ts";

interface Workers {
  /** Settles when no job is running any more. Rejects when a job's result could not be stored. */
  readonly ended: Promise<void>;
  stop(): void;
}

interface PoolOptions {
  readonly schema: string;
  readonly pool: pg.Pool;
  readonly send: SendMail;
  readonly logger: Logger;
  /** Called at every poll with the failure, or null when the queue is reachable. */
  readonly onLook: (failure: unknown) => void;
  /** Aborted when the server ends. */
  readonly closing: AbortSignal;
}

/** A slow delivery of one message must not delay the others. */
const jobsAtOnce = 4;

export const startWorkerPool = async ({
  schema,
  pool,
  send,
  logger,
  onLook,
  closing,
}: PoolOptions): Promise<Workers> => {
  const { Logger: QueueLogger, runTaskList } = await import("graphile-worker");
  const events: WorkerEvents = new EventEmitter();
  const tasks = Object.fromEntries(
    mailTemplates.map((template) => {
      const work = inRootSpan(spanOf(template), traceparentOf, async (_payload, { job, abortSignal }) => {
        const isSent = await send(job, abortSignal ?? new AbortController().signal);
        const line = { job: job.id, template };
        if (isSent) logger.info(line, "mail sent");
        else logger.info(line, "mail dropped: link used or expired, user deleted, or email not verified");
        return isSent;
      });
      return [
        mailTask(template),
        async (payload: unknown, helpers: Helpers) => void (await work(payload, helpers)),
      ];
    }),
  );
  const workers = runTaskList(
    {
      schema: jobSchemaOf(schema),
      concurrency: jobsAtOnce,
      pollInterval: seconds(2),
      // Its signal handlers would end the process while requests are running.
      noHandleSignals: true,
      // Another server retries a job that was cut off.
      gracefulShutdownAbortTimeout: graceForJobs,
      // Its log lines quote the job and the error's text.
      logger: new QueueLogger(() => () => undefined),
      events,
      preset: { worker: resultsInBatches },
    },
    tasks,
    pool,
  );
  let isStopping = false;
  let hasLooked = false;
  const stop = () => {
    if (isStopping) return;
    isStopping = true;
    // Deferred: inside its own event, it would treat the stop as a crash and print it.
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
        trace_id: traceIdIn(traceparentOf(job.payload)),
      },
      "mail not sent",
    ),
  );
  // The library sends this notice to the workers of all schemas, and would stop ours, with exit code 57, when somebody installs
  // another environment in this database. Only after its LISTEN: pg warns of a query while another one runs.
  events.on("pool:listen:success", ({ client }) =>
    client.once("drain", () => void client.query('unlisten "worker:migrate"').catch(() => undefined)),
  );
  events.on("worker:getJob:empty", look);
  events.on("job:start", look);
  events.on("worker:getJob:error", ({ error }) => {
    onLook(error);
    // After a first failure it never polls again. After a success it retries by itself.
    if (!hasLooked) stop();
  });
  return { ended: untilEnded({ ended: workers.promise, events, closing }), stop };
};

interface Helpers {
  readonly job: Parameters<SendMail>[0];
  readonly abortSignal?: AbortSignal;
}

const spanOf = (template: MailTemplate): SpanOf<[unknown, Helpers], boolean> => ({
  name: `mail ${template}`,
  kind: "CONSUMER",
  attributes: (_payload, { job }) => ({ "graphward.job": job.id }),
  conclude: (span, isSent) => span.setAttribute("graphward.mail.sent", isSent),
});

/** The trace of the request that asked for the mail. */
const traceparentOf = (payload: unknown): string | undefined =>
  typeof payload === "object" && payload !== null && "traceparent" in payload
    ? findTraceparent(payload.traceparent)
    : undefined;
