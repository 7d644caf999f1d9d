// The result as text in columns.
import { milliseconds } from "../src/time.ts";
import type { Ratio, Row } from "./summary.ts";

export const formatTable = (rows: readonly Row[]): string => {
  const lines = [
    [
      "",
      "req/s",
      "of bare",
      "(lowest to highest)",
      "CPU us/request",
      "of bare",
      "(lowest to highest)",
      "database us",
    ],
    ...rows.map((row) => [
      row.name,
      Math.round(row.requestsPerSecond).toLocaleString("en"),
      ...ratioCells(row.requestsRatio),
      inMicroseconds(row.cpu),
      ...ratioCells(row.cpuRatio),
      row.databaseCpu === 0 ? "" : inMicroseconds(row.databaseCpu),
    ]),
  ];
  const widthOf = (column: number) => Math.max(...lines.map((line) => line[column]?.length ?? 0));
  const align = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widthOf(column)) : cell.padStart(widthOf(column));
  return lines.map((line) => `${line.map(align).join("  ").trimEnd()}\n`).join("");
};

const ratioCells = (ratio: Ratio | null): readonly [string, string] =>
  ratio === null
    ? [unknown, ""]
    : [ratio.median.toFixed(2), `(${ratio.lowest.toFixed(2)} to ${ratio.highest.toFixed(2)})`];

const inMicroseconds = (duration: number | null): string =>
  duration === null ? unknown : Math.round((duration / milliseconds(1)) * 1000).toString();

const unknown = "?";
