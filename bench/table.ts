// Formats a result as text in columns.
import { milliseconds } from "../src/time.ts";
import type { Ratio } from "./statistics.ts";

export interface Table {
  /** One line, with the baseline of the ratios. */
  readonly heading: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export const formatTable = ({ heading, columns, rows }: Table): string => {
  const lines = [columns, ...rows];
  const widthOf = (column: number) => Math.max(...lines.map((line) => line[column]?.length ?? 0));
  const align = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widthOf(column)) : cell.padStart(widthOf(column));
  return `${heading}\n\n${lines.map((line) => `${line.map(align).join("  ").trimEnd()}\n`).join("")}`;
};

/** Two columns: the median, and the range of the rounds. */
export const ratioCells = (ratio: Ratio | null): readonly [string, string] =>
  ratio === null
    ? [unknown, ""]
    : [ratio.median.toFixed(2), `(${ratio.lowest.toFixed(2)} to ${ratio.highest.toFixed(2)})`];

export const ratioColumns = (base: string): readonly [string, string] => [base, "(lowest to highest)"];

export const countCell = (count: number): string => Math.round(count).toLocaleString("en");

export const microsecondsCell = (duration: number | null): string =>
  duration === null ? unknown : Math.round((duration / milliseconds(1)) * 1000).toString();

export const fineMicrosecondsCell = (duration: number | null): string =>
  duration === null ? unknown : ((duration / milliseconds(1)) * 1000).toFixed(1);

export const millisecondsCell = (duration: number | null): string =>
  duration === null ? unknown : (duration / milliseconds(1)).toFixed(1);

const unknown = "?";
