// Waits for a database that does not respond yet, and describes in one line why there is no connection.
import { setTimeout as pause } from "node:timers/promises";
import { milliseconds, toSeconds } from "../../time.ts";
import { causeOf, isDatabaseUnavailable, isRefusal } from "../failures.ts";
import { createTeller, untilSignal, type Waiting } from "../waiting.ts";
import { describeFailure } from "./descriptions.ts";

const retryEvery = milliseconds(500);

/** The database is down, which says nothing of the settings. */
export class NoReply extends Error {}

/** A database that refuses us will not change its mind: only one that does not respond is waited for. Null: not at all. */
export async function requireReply<Value>(
  ask: () => Promise<Value>,
  { place, waiting }: { readonly place: string; readonly waiting: Waiting | null },
): Promise<Value> {
  const start = performance.now();
  const tell = waiting && createTeller(waiting, "waiting for the database");
  for (;;) {
    try {
      const reply = ask();
      return await (waiting ? untilSignal(waiting.signal, reply) : reply);
    } catch (error) {
      waiting?.signal.throwIfAborted();
      const isAway = isDatabaseUnavailable(error) && (!isRefusal(error) || isPoolerWaiting(error));
      const waited = performance.now() - start;
      if (waiting === null || !isAway || waited >= waiting.atMost) {
        const of = `The database at ${place}`;
        const why = describeFailure(error);
        if (!isAway) throw new Error(`${of} refuses the connection: ${why}`, { cause: error });
        const since = waiting === null ? "" : ` since ${toSeconds(waited)} s`;
        throw new NoReply(`${of} does not respond${since}: ${why}`, { cause: error });
      }
      tell?.({ database: place, reason: causeOf(error) });
      await pause(retryEvery, undefined, { signal: waiting.signal });
    }
  }
}

/** PgBouncer has one code for all that it says itself. */
const isPoolerWaiting = (error: unknown): boolean =>
  error instanceof Error && /cannot connect to server|try again later|query_wait_timeout/.test(error.message);
