// Waits for a database that does not respond yet, and describes in one line why there is no connection.
import { setTimeout as pause } from "node:timers/promises";
import { milliseconds, toSeconds } from "../../time.ts";
import { causeOf, isDatabaseUnavailable, isRefusal } from "../failures.ts";
import { createTeller, untilSignal, type Waiting } from "../waiting.ts";
import { describeFailure } from "./descriptions.ts";

const retryEvery = milliseconds(500);

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
        const reason = isAway ? "does not respond" : "refuses the connection";
        const since = waiting !== null && isAway ? ` since ${toSeconds(waited)} s` : "";
        throw new Error(`The database at ${place} ${reason}${since}: ${describeFailure(error)}`, {
          cause: error,
        });
      }
      tell?.({ database: place, reason: causeOf(error) });
      await pause(retryEvery, undefined, { signal: waiting.signal });
    }
  }
}

/** PgBouncer has one code for all that it says itself. */
const isPoolerWaiting = (error: unknown): boolean =>
  error instanceof Error && /cannot connect to server|try again later|query_wait_timeout/.test(error.message);
