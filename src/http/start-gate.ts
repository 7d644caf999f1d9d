// Requests that come during the start wait for its end, but not for long.
import { setTimeout } from "node:timers/promises";
import { seconds } from "../time.ts";

export interface StartGate {
  /** Resolves when the start has ended, or has taken too long. */
  untilOver(): Promise<void>;
  end(): void;
}

/** Shorter than any client waits, and long enough for a start with a database. */
const patience = seconds(4);

/** A proxy that checks no health sends requests as soon as we listen, and passes our refusals on. */
export const createStartGate = (): StartGate => {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const isLate = setTimeout(patience, undefined, { ref: false });
  return { untilOver: () => Promise.race([ended, isLate]), end };
};
