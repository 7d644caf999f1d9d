// What the workers of graphile-worker need beside its defaults, for our mail and for an application's jobs.
import type { WorkerEvents } from "graphile-worker";
import { milliseconds, seconds } from "../time.ts";

/** From the stop until the jobs that still run are aborted. */
export const graceForJobs = seconds(5);

/** Otherwise, a job's result that cannot be stored becomes an unhandled rejection, which ends the process. */
export const resultsInBatches = {
  completeJobBatchDelay: milliseconds(0),
  failJobBatchDelay: milliseconds(0),
};

/** Its name is the reason in the log. */
class StuckWorkers extends Error {
  override readonly name = "StuckWorkers";
}

interface Ending {
  readonly ended: PromiseLike<void>;
  readonly events: WorkerEvents;
  /** Aborted when the server ends: then nothing is begun anew. */
  readonly closing: AbortSignal;
}

/**
 * Settles with `ended`, or rejects when the workers have begun to stop and are not done: after a result that could not be stored, the
 * library miscounts what it waits for, and waits for ever (https://github.com/graphile/worker/issues/636). Such workers take no more
 * jobs; without new ones, nothing would be done until the next start.
 */
export function untilEnded({ ended, events, closing }: Ending): Promise<void> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const giveUp = () => {
      if (!closing.aborted) reject(new StuckWorkers("The workers of the job queue did not stop."));
    };
    events.once("pool:gracefulShutdown", () => {
      timer = setTimeout(giveUp, 2 * graceForJobs).unref();
    });
    const settle = (conclude: () => void) => {
      clearTimeout(timer);
      conclude();
    };
    ended.then(
      () => settle(resolve),
      (error: unknown) => settle(() => reject(error)),
    );
  });
}
