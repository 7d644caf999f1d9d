// Sends waiting mail as long as the server runs, and restarts after the database was unavailable.
import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import type { Logger } from "pino";
import { jobConnections } from "../database/connecting/budget.ts";
import { seconds } from "../time.ts";
import { describeTrouble, findQueueState, releaseAbandonedJobs } from "./queue-state.ts";
import type { SendMail } from "./send.ts";
import { startWorkerPool } from "./worker-pool.ts";

export interface MailWorker {
  /** Takes no new jobs, and lets running ones finish within `grace` milliseconds. The others stay in the queue. */
  close(grace: number): Promise<void>;
}

export interface MailWork {
  readonly schema: string;
  readonly createPool: (size: number) => pg.Pool;
  readonly send: SendMail;
  readonly logger: Logger;
}

const retryAfter = seconds(2);
const releaseEvery = seconds(10);

export const startMailWorker = ({ schema, createPool, send, logger }: MailWork): MailWorker => {
  const pool = createPool(jobConnections);
  const closing = new AbortController();
  const { signal } = closing;
  let trouble = "";

  /** Once per reason: a database that is down for a night must not fill the log. */
  const tell = (reason: string) => {
    if (reason !== trouble && reason !== "") logger.warn({ reason }, "mail queue unavailable");
    if (reason === "" && trouble !== "") logger.info("mail queue available again");
    trouble = reason;
  };

  const work = async () => {
    const state = await findQueueState(pool, schema);
    if (state === "missing") return tell("tables missing: run graphward migrate");
    if (state === "migrating") return;
    await releaseAbandonedJobs(pool, schema);
    const onLook = (failure: unknown) => tell(failure === null ? "" : describeTrouble(failure));
    const workers = await startWorkerPool({ schema, pool, send, logger, onLook, closing: signal });
    const stop = () => workers.stop();
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    try {
      await workers.ended;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  };

  const run = async () => {
    while (!signal.aborted) {
      await work().catch((error: unknown) => tell(describeTrouble(error)));
      await pause(retryAfter, undefined, { signal, ref: false }).catch(() => undefined);
    }
  };
  const release = setInterval(
    () => void releaseAbandonedJobs(pool, schema).catch(() => undefined),
    releaseEvery,
  );
  release.unref();
  const running = run();

  return {
    close: async (grace) => {
      clearInterval(release);
      closing.abort();
      const ended = running.then(() => pool.end());
      await Promise.race([ended, pause(grace, undefined, { ref: false })]);
    },
  };
};
