// What a server held at one moment after the other, and how fast that grows.
import { hours } from "../../../src/time.ts";
import type { ServerState } from "../play.ts";

export interface Sample extends ServerState {
  /** Milliseconds since the begin. */
  readonly at: number;
}

/** By least squares, in an hour. Null: too few samples. */
export const slopeOf = (samples: readonly Sample[], of: (sample: Sample) => number): number | null => {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const middle = mean(samples.map(({ at }) => at));
  const average = mean(samples.map(of));
  const spread = samples.reduce((sum, { at }) => sum + (at - middle) ** 2, 0);
  if (!(spread > 0)) return null;
  const together = samples.reduce((sum, sample) => sum + (sample.at - middle) * (of(sample) - average), 0);
  return (together / spread) * hours(1);
};

/** The share of a core that a process uses while it lives on. Null: too few samples. */
export const coresOf = (samples: readonly Sample[]): number | null => {
  const [first, last] = [samples.at(0), samples.at(-1)];
  if (first === undefined || last === undefined || last.at === first.at || last.work < first.work)
    return null;
  return ((last.work - first.work) * 1000) / (last.at - first.at);
};
