// One round of one fault under traffic: what was refused, how long it took, what is lost.
import { setTimeout as pass } from "node:timers/promises";
import { milliseconds, minutes, seconds } from "../../src/time.ts";
import type { Fault } from "./fault.ts";
import { countAcknowledged, type Ledger, openLedger, settle } from "./ledger.ts";
import { openRequests } from "./requests.ts";
import type { Stage } from "./stage.ts";
import { type Sent, startTraffic, type Traffic, type TrafficOptions } from "./traffic.ts";

/** What every request keeps, whatever happens; beside what the slowest took before, on a busy machine. */
export const longestRequest = seconds(5);

/** And how soon 99 % of the requests must succeed again. */
export const longestReturn = seconds(10);

export interface Round {
  readonly requests: number;
  readonly refused: number;
  /** Those before the fault, and those when its effects must be over. */
  readonly refusedOutside: readonly string[];
  /** Milliseconds: the slowest request since the fault began. */
  readonly slowest: number;
  /** Requests over the limit, in milliseconds. */
  readonly late: readonly number[];
  /** Milliseconds from the end of the fault until 99 % of the requests succeed. */
  readonly backAfter: number;
  readonly acknowledged: number;
  readonly lost: readonly string[];
  readonly doors: readonly string[];
  /** Answers that nobody should get. */
  readonly strange: readonly string[];
  /** Why the server refused, as its log says. */
  readonly reasons: readonly string[];
  /** How the processes ended. Empty: the same one serves on. */
  readonly ends: readonly string[];
}

export interface RoundOptions {
  /** The servers that get the traffic. Unless told: the one of the stage. */
  readonly ports?: readonly number[];
  /** Unless told: one of this round. */
  readonly ledger?: Ledger;
  readonly traffic?: TrafficOptions;
  /** While the traffic goes on after the fault. */
  readonly watch?: () => Promise<unknown>;
}

const people = 2;
/** How long normal traffic lasts at the end, so that 99 % mean something. */
const watchedAfterwards = milliseconds(1500);
const longestOutage = minutes(1);

export const playRound = async (
  stage: Stage,
  fault: Fault,
  { ports = [stage.port], ledger: given, traffic: options, watch = watchBriefly }: RoundOptions = {},
): Promise<Round> => {
  const ledger = given ?? (await openLedgerOfRound(stage));
  const acknowledgedBefore = countAcknowledged(ledger);
  const traffic = startTraffic(ports, ledger, options);
  const progress = () =>
    Math.min(ledger.acknowledgedUsers.size, ledger.acknowledgedLogins, ledger.acknowledgedEnds);
  const progressAtFirst = progress();
  await served(stage, () => progress() >= progressAtFirst + 2);
  const calm = slowestOf(traffic.sent);
  const program = stage.program;

  const beganAt = performance.now();
  await fault.begin(stage);
  await pass(fault.lasts);
  await fault.end(stage);
  const overAt = performance.now();
  const progressBefore = progress();
  await served(stage, () => progress() >= progressBefore + 2);
  await watch();
  await traffic.stop();
  const stoppedAt = performance.now();

  const during = traffic.sent.filter(({ endedAt }) => endedAt >= beganAt);
  const limit = longestRequest + 2 * calm + (fault.waits ?? 0);
  const acknowledged = countAcknowledged(ledger) - acknowledgedBefore;
  const requests = openRequests(ports);
  const database = await stage.postgres.connect();
  try {
    const settled = await settle(ledger, { database, requests });
    return {
      requests: traffic.sent.length,
      refused: traffic.sent.filter(({ isServed }) => !isServed).length,
      refusedOutside: traffic.sent
        .filter(({ isServed }) => !isServed)
        .flatMap(({ endedAt, took, answer }) => [
          ...(endedAt < beganAt ? [`${answer} before the fault`] : []),
          ...(endedAt - took > overAt + longestReturn ? [`${answer} after the fault`] : []),
        ]),
      slowest: slowestOf(during),
      late: during.filter(({ took }) => took > limit).map(({ took }) => Math.round(took)),
      backAfter: findReturn(traffic, { overAt, stoppedAt }) - overAt,
      acknowledged,
      lost: [...settled.lost, ...((await fault.findLost?.(stage, ledger)) ?? [])],
      doors: settled.doors,
      strange: traffic.strange,
      reasons: findReasons(stage.program.output),
      ends: stage.program === program ? [] : [await program.ended],
    };
  } finally {
    requests.close();
    await database.end();
  }
};

const openLedgerOfRound = async ({ postgres }: Stage): Promise<Ledger> => {
  const database = await postgres.connect();
  try {
    return await openLedger(database, { people });
  } finally {
    await database.end();
  }
};

const watchBriefly = () => pass(watchedAfterwards);

/** Reads the lines that it still has. */
const findReasons = (output: string): readonly string[] => [
  ...new Set(
    [...output.matchAll(/"pool":"(\w+)","reason":"([^"]+)"/g)].map(
      ([, pool, reason]) => `${pool}: ${reason}`,
    ),
  ),
];

const slowestOf = (sent: readonly Sent[]): number => Math.max(0, ...sent.map(({ took }) => took));

const served = async ({ program }: Stage, isServed: () => boolean): Promise<void> => {
  const start = performance.now();
  while (!isServed()) {
    if (performance.now() - start > longestOutage)
      throw new Error(`Not served for a minute: ${program.output.slice(-3000)}`);
    await pass(20);
  }
};

/** The first moment from which on 99 of 100 requests are served. */
const findReturn = (
  { sent }: Traffic,
  { overAt, stoppedAt }: { readonly overAt: number; readonly stoppedAt: number },
): number => {
  const after = sent
    .filter(({ endedAt }) => endedAt >= overAt)
    .sort((one, other) => other.endedAt - one.endedAt);
  let refused = 0;
  let returned = stoppedAt;
  for (const [index, { isServed, endedAt }] of after.entries()) {
    if (!isServed) refused += 1;
    if (refused <= (index + 1) / 100) returned = endedAt;
  }
  return refused === 0 ? overAt : returned;
};
