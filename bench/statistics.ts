// Medians, percentiles and ratios of what was measured in rounds.

/** Null where nothing could be measured. */
export type Values = readonly (number | null)[];

/** Taken round by round, where both ran within seconds of each other, and not from the medians. */
export interface Ratio {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

export const ratioOf = (values: Values, base: Values): Ratio | null => {
  const ratios = values.map((value, round) => {
    const other = base[round];
    return value === null || !other ? null : value / other;
  });
  const middle = median(ratios);
  const known = sorted(ratios);
  return middle === null
    ? null
    : { median: middle, lowest: known[0] ?? middle, highest: known.at(-1) ?? middle };
};

export const median = (values: Values): number | null => {
  const known = sorted(values);
  const upper = known[Math.floor(known.length / 2)];
  const lower = known[Math.ceil(known.length / 2) - 1];
  return upper === undefined || lower === undefined ? null : (lower + upper) / 2;
};

/** The smallest value that this share of all values does not pass. */
export const percentile = (values: Values, share: number): number | null => {
  const known = sorted(values);
  return known[Math.max(0, Math.ceil(known.length * share) - 1)] ?? null;
};

/**
 * Of one value and one of the others, taken at random: how often the first is larger (the U statistic of Mann and Whitney over
 * all pairs). 0.5 when nothing tells them apart.
 */
export const chanceToBeSlower = (values: readonly number[], others: readonly number[]): number => {
  let larger = 0;
  for (const value of values)
    for (const other of others) larger += value > other ? 1 : value === other ? 0.5 : 0;
  return larger / (values.length * others.length);
};

const sorted = (values: Values): readonly number[] =>
  values.filter((value) => value !== null).sort((one, other) => one - other);
