// Writes the last uses of credentials in batches: one statement for many, without delaying a request.
import { seconds } from "../../time.ts";

const flushEvery = seconds(5);

export interface Touches {
  touchNow(id: string): Promise<void>;
  touchSoon(id: string): void;
  /** Writes the waiting uses. */
  close(): Promise<void>;
}

/** For the rows of one table. `write` must skip rows that were touched within the last minute. */
export const createTouches = (write: (ids: readonly string[]) => Promise<void>): Touches => {
  let waiting = new Set<string>();
  const flush = async () => {
    const ids = [...waiting];
    waiting = new Set();
    // A failed batch is dropped: the next use of each credential is written a minute later.
    if (ids.length > 0) await write(ids).catch(() => undefined);
  };
  const timer = setInterval(flush, flushEvery);
  timer.unref();
  return {
    touchNow: (id) => write([id]),
    touchSoon: (id) => void waiting.add(id),
    close: () => {
      clearInterval(timer);
      return flush();
    },
  };
};
