// Tables whose rows are compared with one another: what was measured, the ratio, the target, and whether it was met.
import type { Ratio } from "./statistics.ts";
import { ratioCells, ratioColumns } from "./table.ts";
import { type Target, targetCells, targetColumns } from "./target.ts";

export const comparisonColumns: readonly string[] = [
  "",
  "measured",
  ...ratioColumns("ratio"),
  ...targetColumns,
];

/** What others are compared with, or stands for itself. */
export const plainRow = (name: string, measured: string): readonly string[] => [name, measured];

/** A value with a target of its own. */
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
