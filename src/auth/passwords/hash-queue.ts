// Limits concurrent password hashing: a few at once, a short queue, then SERVICE_UNAVAILABLE.
import { availableParallelism } from "node:os";
import { serviceUnavailable } from "../../errors.ts";
import { seconds } from "../../time.ts";
import { inSpan } from "../../tracing/spans.ts";

/**
 * Each hash occupies one of libuv's four threads for tens of milliseconds. One always stays free, so that a flood of logins never
 * blocks DNS and file access.
 */
let hashesAtOnce = Math.min(availableParallelism(), 3);
const maxQueueLength = 64;
const maxWait = seconds(2);

/** Call it once, in each of several processes: together they hash no more than the machine has cores. */
export const shareHashing = (processes: number): void => {
  hashesAtOnce = Math.max(1, Math.min(hashesAtOnce, Math.floor(availableParallelism() / processes)));
};

interface Waiting {
  readonly admit: () => void;
}

let running = 0;
let refused = 0;
const queue = new Set<Waiting>();

/** Runs `hash` when a permit is free. Throws SERVICE_UNAVAILABLE when the queue is full or the wait is too long. */
export const withHashPermit = async <Result>(hash: () => Promise<Result>): Promise<Result> => {
  if (running < hashesAtOnce) running += 1;
  else await tracedTurn();
  try {
    return (await tracedHash(hash)) as Result;
  } finally {
    // Released only now, when the thread is free again, even if the client has disconnected.
    release();
  }
};

const tracedHash = inSpan({ name: "password hash" }, (hash: () => Promise<unknown>) => hash());

const turn = (): Promise<void> =>
  new Promise((resolve, reject) => {
    if (queue.size >= maxQueueLength) return reject(unavailable("queue full"));
    const waiting: Waiting = {
      admit: () => {
        clearTimeout(timer);
        resolve();
      },
    };
    const timer = setTimeout(() => {
      queue.delete(waiting);
      reject(unavailable("queue too slow"));
    }, maxWait);
    queue.add(waiting);
  });

const tracedTurn = inSpan({ name: "password hash wait" }, turn);

const unavailable = (reason: string) => {
  refused += 1;
  return serviceUnavailable({ pool: "password hashing", reason });
};

/** `refused`: since the start of the process. */
export const readHashQueue = () => ({ running, waiting: queue.size, refused });

/** Hands the permit to the next in the queue, so that `running` stays correct. */
const release = (): void => {
  const [next] = queue;
  if (next === undefined) {
    running -= 1;
    return;
  }
  queue.delete(next);
  next.admit();
};
