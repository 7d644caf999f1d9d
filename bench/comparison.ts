// Table rows that compare measurements: the measured value, the ratio, the target, and whether it was met.
import type { Ratio } from "./statistics.ts";
import { ratioCells, ratioColumns } from "./table.ts";
import { type Target, targetCells, targetColumns } from "./target.ts";

export const comparisonColumns: readonly string[] = [
  "",
  "measured",
  ...ratioColumns("ratio"),
  ...targetColumns,
];

/** A row without a ratio: the baseline, or a value that stands alone. */
export const plainRow = (name: string, measured: string): readonly string[] => [name, measured];

/** A row for a value with its own target. */
export const judgedRow = (name: string, measured: string, target: Target, value: number | null) => [
  name,
  measured,
  "",
  "",
  ...targetCells(target, value),
];

export const ratioRow = (name: string, measured: string, ratio: Ratio | null, target: Target | null) => [
  name,
  measured,
  ...ratioCells(ratio),
  ...targetCells(target, ratio?.median),
];
