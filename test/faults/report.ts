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
    "MiB",
    "descriptors",
    "the process",
  ];
  const lines = [head, ...all.map(cellsOf)];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => {
          const width = widths[column] ?? 0;
          return column === 0 || column === head.length - 1 ? cell.padEnd(width) : cell.padStart(width);
        })
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
  const mebibytes = (bytes: number) => Math.round(bytes / 1024 / 1024);
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
    `${mebibytes(before.memory)} → ${mebibytes(after.memory)}`,
    `${before.descriptors} → ${after.descriptors}`,
    ends.size === 0 ? "lives" : [...ends].join(", "),
  ];
};
