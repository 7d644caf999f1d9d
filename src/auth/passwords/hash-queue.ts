// Admission to password hashing: a few at once, a short queue, and then an honest "later".
import { availableParallelism } from "node:os";
import { serviceUnavailable } from "../../errors.ts";
import { seconds } from "../../time.ts";

/**
 * Each hash takes one thread of libuv's four for tens of milliseconds. One is always left, so that a flood of logins
 * never stops DNS and files.
 */
const hashesAtOnce = Math.min(availableParallelism(), 3);
const maxQueueLength = 64;
const maxWait = seconds(2);

interface Waiting {
  readonly admit: () => void;
}

let running = 0;
const queue = new Set<Waiting>();

/** Runs `hash` when there is a place. Throws SERVICE_UNAVAILABLE when the queue is full or the wait too long. */
export const withHashPermit = async <Result>(hash: () => Promise<Result>): Promise<Result> => {
  if (running < hashesAtOnce) running += 1;
  else await turn();
  try {
    return await hash();
  } finally {
    // Only now, when the thread is free again: a client that has gone away gives no place back early.
    release();
  }
};

const turn = (): Promise<void> =>
  new Promise((resolve, reject) => {
    if (queue.size >= maxQueueLength) return reject(serviceUnavailable());
    const waiting: Waiting = {
      admit: () => {
        clearTimeout(timer);
        resolve();
      },
    };
    const timer = setTimeout(() => {
      queue.delete(waiting);
      reject(serviceUnavailable());
    }, maxWait);
    queue.add(waiting);
  });

/** A place passes straight to the next in line, so `running` counts it without a gap. */
const release = (): void => {
  const [next] = queue;
  if (next === undefined) {
    running -= 1;
    return;
  }
  queue.delete(next);
  next.admit();
};
