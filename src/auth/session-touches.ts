// Uses of sessions, written down in batches: one statement for many, and nothing while a request waits.
import type { Database } from "../database/tables.ts";
import { seconds } from "../time.ts";
import { touchSessions } from "./sessions.ts";

const flushEvery = seconds(5);

export interface SessionTouches {
  touchNow(sessionId: string): Promise<void>;
  touchSoon(sessionId: string): void;
  /** Writes down what is waiting. */
  close(): Promise<void>;
}

export const createSessionTouches = (database: Database): SessionTouches => {
  let waiting = new Set<string>();
  const flush = async () => {
    const ids = [...waiting];
    waiting = new Set();
    // A batch that fails is let go: the next use of each session, a minute later, is written down again.
    if (ids.length > 0) await touchSessions(database, ids).catch(() => undefined);
  };
  const timer = setInterval(flush, flushEvery);
  timer.unref();
  return {
    touchNow: (sessionId) => touchSessions(database, [sessionId]),
    touchSoon: (sessionId) => void waiting.add(sessionId),
    close: () => {
      clearInterval(timer);
      return flush();
    },
  };
};
