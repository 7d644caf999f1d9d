// What a start does while it waits for the database, or for a lock that somebody holds: tells it, and gives up in time.
import { setTimeout as pause } from "node:timers/promises";
import { milliseconds, minutes, seconds } from "../time.ts";
import { causeOf, isDatabaseUnavailable } from "./failures.ts";

export interface Waiting {
  /** Milliseconds. */
  readonly atMost: number;
  /** Ends the wait at once. */
  readonly signal: AbortSignal;
  tell(text: string, details: Readonly<Record<string, unknown>>): void;
}

/** For tests and programs that nobody watches. */
export const silentWaiting: Waiting = {
  atMost: minutes(1),
  signal: new AbortController().signal,
  tell: () => undefined,
};

const tellEvery = seconds(15);

/** Tells what is waited for once, and again at intervals. */
export function createTeller({ tell }: Pick<Waiting, "tell">, text: string) {
  let toldAt = Number.NEGATIVE_INFINITY;
  return (details: Readonly<Record<string, unknown>>): void => {
    if (performance.now() - toldAt < tellEvery) return;
    toldAt = performance.now();
    tell(text, details);
  };
}

const readAgainEvery = milliseconds(500);

/** For what a start reads after the first reply: the database may go away then too, as in a failover. */
export async function untilRead<Value>(read: () => Promise<Value>, waiting: Waiting): Promise<Value> {
  const giveUpAt = performance.now() + waiting.atMost;
  const tell = createTeller(waiting, "waiting for the database");
  for (;;) {
    try {
      return await untilSignal(waiting.signal, read());
    } catch (error) {
      waiting.signal.throwIfAborted();
      if (!isDatabaseUnavailable(error) || performance.now() >= giveUpAt) throw error;
      tell({ reason: causeOf(error) });
      await pause(readAgainEvery, undefined, { signal: waiting.signal });
    }
  }
}

const lookEvery = seconds(2);

/** With AUTO_MIGRATE=off, somebody else runs the migrations. Nothing bounds this wait: a deployment may take long. */
export async function untilMigrated(
  findMissing: () => Promise<readonly string[]>,
  waiting: Omit<Waiting, "atMost">,
): Promise<void> {
  const tell = createTeller(waiting, "waiting for graphward migrate");
  for (;;) {
    const missing = await untilSignal(
      waiting.signal,
      findMissing().catch((error: unknown) => {
        if (isDatabaseUnavailable(error)) return null;
        throw error;
      }),
    );
    if (missing?.length === 0) return;
    tell(missing === null ? { reason: "database unavailable" } : { missing });
    await pause(lookEvery, undefined, { signal: waiting.signal });
  }
}

/** Rejects as soon as the signal comes. What `work` does then is nobody's concern any more. */
export async function untilSignal<Value>(signal: AbortSignal, work: Promise<Value>): Promise<Value> {
  signal.throwIfAborted();
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
    work.catch(() => undefined);
  }
}
