// Counters of the hot path: plain numbers, which become labels of prom-client only when somebody scrapes.
import type { Counter } from "prom-client";

/** `Key` is an object or a text from a closed set. */
export interface Counts<Key> {
  add(key: Key, outcome: string): void;
  /** Writes all of them into the counter. */
  write(counter: Counter, labelsOf: (key: Key, outcome: string) => Record<string, string>): void;
}

/** `known` begin at 0: Prometheus cannot see the growth of a series that begins with 1. */
export const createCounts = <Key>(
  known: { readonly keys: readonly Key[]; readonly outcomes: readonly string[] } | null = null,
): Counts<Key> => {
  const counts = new Map<Key, Map<string, { value: number }>>();
  for (const key of known?.keys ?? [])
    counts.set(key, new Map(known?.outcomes.map((outcome) => [outcome, { value: 0 }])));
  return {
    add(key, outcome) {
      const ofKey = counts.get(key);
      const count = ofKey?.get(outcome);
      if (count !== undefined) count.value += 1;
      else if (ofKey !== undefined) ofKey.set(outcome, { value: 1 });
      else counts.set(key, new Map([[outcome, { value: 1 }]]));
    },
    write(counter, labelsOf) {
      counter.reset();
      for (const [key, ofKey] of counts)
        for (const [outcome, { value }] of ofKey) counter.inc(labelsOf(key, outcome), value);
    },
  };
};
