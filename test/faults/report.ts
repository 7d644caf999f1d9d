// The table of a run.
import type { Played } from "./play.ts";

export const formatTable = (all: readonly Played[]): string => {
  const head = [
    "fault",
    "rounds",
    "requests",
    "refused",
    "slowest",
    "back after",
    "done",
    "lost",
    "doors",
    "pool",
    "heap MiB",
    "resident MiB",
    "descriptors",
    "the process",
  ];
  return layOut([head, ...all.map(cellsOf)]);
};

/** The first line is the head. Numbers are between a name and a text. */
export const layOut = (lines: readonly (readonly string[])[]): string => {
  const last = (lines[0]?.length ?? 0) - 1;
  const widthOf = (column: number) => Math.max(...lines.map((line) => line[column]?.length ?? 0));
  return lines
    .map((line) =>
      line
        .map((cell, column) =>
          column === 0 || column === last ? cell.padEnd(widthOf(column)) : cell.padStart(widthOf(column)),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
};

const cellsOf = ({ name, rounds, before, after }: Played): readonly string[] => {
  const sum = (of: (round: Played["rounds"][number]) => number) =>
    rounds.reduce((total, round) => total + of(round), 0);
  const most = (of: (round: Played["rounds"][number]) => number) => Math.max(0, ...rounds.map(of));
  const ends = new Set(rounds.flatMap((round) => round.ends));
  return [
    name,
    String(rounds.length),
    String(sum(({ requests }) => requests)),
    String(sum(({ refused }) => refused)),
    `${(most(({ slowest }) => slowest) / 1000).toFixed(1)} s`,
    `${(most(({ backAfter }) => backAfter) / 1000).toFixed(1)} s`,
    String(sum(({ acknowledged }) => acknowledged)),
    String(sum(({ lost }) => lost.length)),
    String(sum(({ doors }) => doors.length)),
    `${before.pool} → ${after.pool}`,
    `${mebibytes(before.heap)} → ${mebibytes(after.heap)}`,
    `${mebibytes(before.memory)} → ${mebibytes(after.memory)}`,
    `${before.descriptors} → ${after.descriptors}`,
    ends.size === 0 ? "lives" : [...ends].join(", "),
  ];
};

export const mebibytes = (bytes: number): number => Math.round(bytes / 1024 / 1024);
