// From rounds to one row a case: medians, and ratios to the first case.
import type { Case, Measurement } from "./rounds.ts";

export interface Row extends Measurement {
  readonly name: string;
  readonly requestsRatio: Ratio | null;
  readonly cpuRatio: Ratio | null;
}

/** Taken round by round, where both ran within seconds of each other, and not from the medians. */
export interface Ratio {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

export const summarise = (
  cases: readonly Case[],
  rounds: readonly (readonly Measurement[])[],
): readonly Row[] =>
  cases.map(({ name }, index) => {
    const valuesOf = (key: keyof Measurement, at = index) => rounds.map((round) => round[at]?.[key] ?? null);
    return {
      name,
      requestsPerSecond: median(valuesOf("requestsPerSecond")) ?? 0,
      cpu: median(valuesOf("cpu")),
      databaseCpu: median(valuesOf("databaseCpu")),
      requestsRatio: ratioOf(valuesOf("requestsPerSecond"), valuesOf("requestsPerSecond", 0)),
      cpuRatio: ratioOf(valuesOf("cpu"), valuesOf("cpu", 0)),
    };
  });

type Values = readonly (number | null)[];

const ratioOf = (values: Values, base: Values): Ratio | null => {
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

const median = (values: Values): number | null => {
  const known = sorted(values);
  const upper = known[Math.floor(known.length / 2)];
  const lower = known[Math.ceil(known.length / 2) - 1];
  return upper === undefined || lower === undefined ? null : (lower + upper) / 2;
};

const sorted = (values: Values): readonly number[] =>
  values.filter((value) => value !== null).sort((one, other) => one - other);
