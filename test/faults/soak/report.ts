// The lines of a soak, and its verdict.
import { minutes } from "../../../src/time.ts";
import { findBroken } from "../play.ts";
import { layOut, mebibytes } from "../report.ts";
import type { Round } from "../round.ts";
import type { Followers } from "./followers.ts";
import { coresOf, type Sample, slopeOf } from "./samples.ts";

export interface Minute {
  readonly fault: string;
  readonly round: Round;
  /** Since the fault was over, of each server. */
  readonly samples: readonly [Sample[], Sample[]];
}

export interface Soak {
  /** Minutes. */
  readonly length: number;
  /** MiB in an hour. */
  readonly bound: number;
  readonly minutes: Minute[];
  followers: Pick<Followers, "streamsOpened" | "streamsRevoked"> | null;
  lostMails: number;
  /** Why it ended early. */
  readonly broken: string[];
}

/** In a shorter run, the slope says how a heap is filled for the first time. */
const judgedFrom = minutes(30);

export const describeMinute = ({ fault, round, samples }: Minute): string => {
  const both = (of: (sample: Sample) => string | number) =>
    samples.map((all) => (all.at(-1) === undefined ? "?" : of(all.at(-1) as Sample))).join(" and ");
  return [
    `${fault}: ${round.refused} of ${round.requests} refused, ${round.refusedOutside.length} outside`,
    `back after ${(round.backAfter / 1000).toFixed(1)} s`,
    `${round.acknowledged} acknowledged, ${round.lost.length} lost, ${round.doors.length} doors`,
    `${both(({ memory }) => mebibytes(memory))} MiB, heap ${both(({ heap }) => mebibytes(heap))}`,
    `${both(({ descriptors }) => descriptors)} descriptors, pool ${both(({ pool }) => pool)}`,
    `${both(({ streams }) => streams)} streams`,
  ].join(", ");
};

export const summarize = (soak: Soak): { readonly text: string; readonly isGood: boolean } => {
  const rounds = soak.minutes.map(({ round }) => round);
  const sum = (of: (round: Round) => number) => rounds.reduce((total, round) => total + of(round), 0);
  const lost = sum((round) => round.lost.length) + soak.lostMails;
  const doors = sum((round) => round.doors.length);
  const servers = [0, 1].map((index) => describeServer(soak, index as 0 | 1));
  const isTooSteep = servers.some(({ isTooSteep }) => isTooSteep);
  const isGood = soak.broken.length === 0 && lost === 0 && doors === 0 && !isTooSteep && rounds.length > 0;
  const outside = rounds.flatMap(({ refusedOutside }) => refusedOutside);
  const noticed = [
    ...findBroken(rounds),
    ...[...new Set(outside)].map(
      (answer) => `${outside.filter((one) => one === answer).length} times ${answer}`,
    ),
  ];
  const text = [
    layOut([serverHead, ...servers.map(({ cells }) => cells)]),
    "",
    `${rounds.length} faults in ${soak.length} minutes: ${sum(({ requests }) => requests)} requests, ${sum(({ refused }) => refused)} refused, ${outside.length} of them outside of faults;`,
    `${sum(({ acknowledged }) => acknowledged)} acknowledged, ${lost} lost, ${doors} doors opened, ${sum(({ ends }) => ends.length)} restarts of a process by its fault;`,
    `${soak.followers?.streamsOpened ?? 0} streams opened, ${soak.followers?.streamsRevoked ?? 0} ended by a logout on the other server.`,
    ...(noticed.length > 0 ? ["", "Noticed:", ...noticed] : []),
    ...(soak.broken.length > 0 ? ["", "Broken:", ...soak.broken] : []),
    "",
    isGood ? "Passed." : "Failed.",
  ].join("\n");
  return { text, isGood };
};

const serverHead = [
  "server",
  "samples",
  "MiB",
  "MiB an hour",
  "heap",
  "heap an hour",
  "descriptors",
  "pool",
  "streams",
  "of a core",
  "the slope",
];

/** The slopes are of the last two thirds. */
const describeServer = (soak: Soak, index: 0 | 1) => {
  const samples = soak.minutes.flatMap((minute) => minute.samples[index]);
  const length = minutes(soak.length);
  const late = samples.filter(({ at }) => at >= length / 3);
  const fromTo = (of: (sample: Sample) => number) =>
    [samples.at(0), samples.at(-1)].map((one) => (one === undefined ? "?" : of(one))).join(" → ");
  const most = (of: (sample: Sample) => number) => String(Math.max(0, ...samples.map(of)));
  const slope = slopeOf(late, ({ memory }) => memory);
  const heapSlope = slopeOf(late, ({ heap }) => heap);
  const show = (bytes: number | null) => (bytes === null ? "?" : String(mebibytes(bytes)));
  const isJudged = length >= judgedFrom;
  const isTooSteep = isJudged && slope !== null && mebibytes(slope) > soak.bound;
  return {
    isTooSteep,
    cells: [
      index === 0 ? "with the faults" : "beside it",
      String(samples.length),
      fromTo(({ memory }) => mebibytes(memory)),
      show(slope),
      fromTo(({ heap }) => mebibytes(heap)),
      show(heapSlope),
      fromTo(({ descriptors }) => descriptors),
      `at most ${most(({ pool }) => pool)}`,
      fromTo(({ streams }) => streams),
      coresOf(late)?.toFixed(2) ?? "?",
      !isJudged
        ? `not judged under ${judgedFrom / minutes(1)} minutes`
        : isTooSteep
          ? `above ${soak.bound}`
          : `at most ${soak.bound}`,
    ],
  };
};
