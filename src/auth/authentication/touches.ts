// Uses of credentials, written down in batches: one statement for many, and nothing while a request waits.
import { seconds } from "../../time.ts";

const flushEvery = seconds(5);

export interface Touches {
  touchNow(id: string): Promise<void>;
  touchSoon(id: string): void;
  /** Writes down what is waiting. */
  close(): Promise<void>;
}

/** Of the rows of one table; `write` leaves alone those whose last use was written down less than a minute ago. */
export const createTouches = (write: (ids: readonly string[]) => Promise<void>): Touches => {
  let waiting = new Set<string>();
  const flush = async () => {
    const ids = [...waiting];
    waiting = new Set();
    // A batch that fails is let go: the next use of each, a minute later, is written down again.
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
