// Medians, percentiles and ratios of values measured in rounds.

/** Null where nothing could be measured. */
export type Values = readonly (number | null)[];

/** Computed per round, where both ran within seconds of each other, not from the medians. */
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

/** The smallest value that is at least as large as this share of all values. */
export const percentile = (values: Values, share: number): number | null => {
  const known = sorted(values);
  return known[Math.max(0, Math.ceil(known.length * share) - 1)] ?? null;
};

/**
 * The probability that a random value of the first list is larger than one of the second (the Mann-Whitney U
 * statistic over all pairs). 0.5 means that they cannot be told apart.
 */
export const chanceToBeSlower = (values: readonly number[], others: readonly number[]): number => {
  let larger = 0;
  for (const value of values)
    for (const other of others) larger += value > other ? 1 : value === other ? 0.5 : 0;
  return larger / (values.length * others.length);
};

const sorted = (values: Values): readonly number[] =>
  values.filter((value) => value !== null).sort((one, other) => one - other);
