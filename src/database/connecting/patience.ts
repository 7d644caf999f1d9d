// How long one request waits for the database in all: many slow replies in a row are an outage for the client, as silence is.
import { AsyncLocalStorage } from "node:async_hooks";
import { milliseconds } from "../../time.ts";

/** For one reply. */
export const longestReply = milliseconds(2500);

/** For all of them. The rest of the 5 s, within which every request ends, is for hashing. */
const longestWait = milliseconds(4500);

interface Patience {
  /** A response has begun: a stream may last, and no client waits for the first byte. */
  readonly isOver: () => boolean;
  waited: number;
  /** Statements at the same time are waited for once. */
  running: number;
  since: number;
}

const patienceOfRequest = new AsyncLocalStorage<Patience | undefined>();

/** What `work` asks the database, it waits for only so long. */
export function limitWaits<Value>(isOver: () => boolean, work: () => Value): Value {
  return patienceOfRequest.run({ isOver, waited: 0, running: 0, since: 0 }, work);
}

/** For what a request begins and others need too: a timer that outlives the request would fail for ever, once its time is used up. */
export function beyondRequest<Value>(work: () => Value): Value {
  return patienceOfRequest.run(undefined, work);
}

/** Milliseconds. Infinite outside of requests. */
export function findTimeLeft(): number {
  const patience = patienceOfRequest.getStore();
  if (patience === undefined || patience.isOver()) return Number.POSITIVE_INFINITY;
  const { waited, running, since } = patience;
  return longestWait - waited - (running > 0 ? performance.now() - since : 0);
}

/** Counts the time until `answer` is there. */
export function countWait<Value>(answer: Promise<Value>): Promise<Value> {
  const patience = patienceOfRequest.getStore();
  if (patience === undefined) return answer;
  if (patience.running === 0) patience.since = performance.now();
  patience.running += 1;
  return answer.finally(() => {
    patience.running -= 1;
    if (patience.running === 0) patience.waited += performance.now() - patience.since;
  });
}

/** As for a reply that does not come at all. */
export function outOfTime(): Error {
  return new Error("Query read timeout: the request has waited for the database long enough.");
}
