// Limits concurrent password hashing: a few at once, a short queue, then SERVICE_UNAVAILABLE.
import { defaultHashesAtOnce, maxHashesOfProcess } from "../../config/process.ts";
import { serviceUnavailable } from "../../errors.ts";
import { milliseconds, seconds } from "../../time.ts";
import { inSpan } from "../../tracing/spans.ts";

const maxQueueLength = 64;
const maxWait = seconds(2);

/** Where the permits of several processes are dealt. */
export interface SharedPermits {
  /** Answered by one call of what `shareHashing` gave, now or later. */
  request(): void;
  giveBack(): void;
}

let hashesAtOnce = Math.min(defaultHashesAtOnce(), maxHashesOfProcess);
let shared: SharedPermits | null = null;

/** For a process that hashes alone. */
export const limitHashing = (atOnce: number): void => {
  hashesAtOnce = Math.min(atOnce, maxHashesOfProcess);
};

/** For one of several processes: it asks before each hash. */
export const shareHashing = (open: (grant: () => void) => SharedPermits): void => {
  hashesAtOnce = maxHashesOfProcess;
  shared = open(() => {
    requested -= 1;
    admitNext({ until: performance.now() + useOfPermit });
  });
};

interface Waiting {
  readonly admit: (permit: Permit) => void;
}

interface Permit {
  /** Until then, it admits one hash after the other. By `performance.now()`. */
  readonly until: number;
}

/**
 * About four hashes. To ask the primary process for each alone would cost a tenth of the logins. To keep a permit would keep it from the
 * other workers.
 */
const useOfPermit = milliseconds(100);

let running = 0;
/** Asked for, and not yet granted. */
let requested = 0;
let refused = 0;
const queue = new Set<Waiting>();

/** Runs `hash` when a permit is free. Throws SERVICE_UNAVAILABLE when the queue is full or the wait is too long. */
export const withHashPermit = async <Result>(hash: () => Promise<Result>): Promise<Result> => {
  const permit = takeAtOnce() ?? (await tracedTurn());
  try {
    return (await tracedHash(hash)) as Result;
  } finally {
    // Released only now, when the thread is free again, even if the client has disconnected.
    release(permit);
  }
};

const tracedHash = inSpan({ name: "password hash" }, (hash: () => Promise<unknown>) => hash());

/** A process that hashes alone never gives its permits back. */
const ownPermit: Permit = { until: Number.POSITIVE_INFINITY };

const takeAtOnce = (): Permit | null => {
  if (shared !== null || running >= hashesAtOnce) return null;
  running += 1;
  return ownPermit;
};

const turn = (): Promise<Permit> =>
  new Promise((resolve, reject) => {
    if (queue.size >= maxQueueLength) return reject(unavailable("queue full"));
    const waiting: Waiting = {
      admit: (permit) => {
        clearTimeout(timer);
        resolve(permit);
      },
    };
    const timer = setTimeout(() => {
      queue.delete(waiting);
      reject(unavailable("queue too slow"));
    }, maxWait);
    queue.add(waiting);
    requestPermits();
  });

const tracedTurn = inSpan({ name: "password hash wait" }, turn);

const unavailable = (reason: string) => {
  refused += 1;
  return serviceUnavailable({ pool: "password hashing", reason });
};

/** `refused`: since the start of the process. */
export const readHashQueue = () => ({ running, waiting: queue.size, refused });

/** No more than can run: it is the queue of this process that is bounded. */
const requestPermits = (): void => {
  while (shared !== null && requested < queue.size && requested + running < hashesAtOnce) {
    requested += 1;
    shared.request();
  }
};

const release = (permit: Permit): void => {
  running -= 1;
  if (performance.now() < permit.until) admitNext(permit);
  else shared?.giveBack();
  requestPermits();
};

const admitNext = (permit: Permit): void => {
  const [next] = queue;
  // Nobody waits, or no longer.
  if (next === undefined) {
    shared?.giveBack();
    return;
  }
  queue.delete(next);
  running += 1;
  next.admit(permit);
};
