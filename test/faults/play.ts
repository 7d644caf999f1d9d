// All rounds of one fault, with the state of the server before and after.
import { setTimeout as pass } from "node:timers/promises";
import { minutes, seconds } from "../../src/time.ts";
import type { Fault } from "./fault.ts";
import { openLedger } from "./ledger.ts";
import { longestReturn, playRound, type Round } from "./round.ts";
import type { Stage } from "./stage.ts";
import { startTraffic } from "./traffic.ts";

export interface ServerState {
  /** Connections of the pool that are in use, and requests that wait for one. */
  readonly pool: number;
  /** Bytes. */
  readonly memory: number;
  /** Bytes, of it: the objects of V8. */
  readonly heap: number;
  readonly descriptors: number;
  /** Open subscriptions. */
  readonly streams: number;
  /** Seconds of a core since its start. */
  readonly work: number;
}

export interface Played {
  readonly name: string;
  readonly rounds: readonly Round[];
  readonly before: ServerState;
  readonly after: ServerState;
  /** One sentence each. Empty: all invariants hold. */
  readonly broken: readonly string[];
}

/** What caches may keep of the rounds, and connections that a pool has opened meanwhile. */
const extraHeap = 40 * 1024 * 1024;
const extraDescriptors = 10;
/** V8 collects what is left about ten seconds after the last work. */
const longestRest = seconds(40);

export const play = async (
  stage: Stage,
  fault: Fault,
  { rounds, tell = () => undefined }: { readonly rounds: number; readonly tell?: (line: string) => void },
): Promise<Played> => {
  const undo = await fault.prepare?.(stage);
  try {
    await stage.start();
    await warmUp(stage);
    const before = await readState(stage);
    const played: Round[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      const one = await playRound(stage, fault);
      played.push(one);
      tell(
        `${fault.name}, round ${round}: ${one.refused} of ${one.requests} refused, back after ${(one.backAfter / 1000).toFixed(1)} s, ${one.acknowledged} acknowledged, ${one.lost.length} lost, ${one.doors.length} doors`,
      );
    }
    const after = await readStateAtRest(stage, before);
    return {
      name: fault.name,
      rounds: played,
      before,
      after,
      broken: [...findBroken(played), ...findRemains(before, after)],
    };
  } finally {
    await stage.stop();
    await undo?.();
    stage.settings = {};
  }
};

/** The memory of the first hashes, and the first connections. */
const warmUp = async (stage: Stage): Promise<void> => {
  const database = await stage.postgres.connect();
  const ledger = await openLedger(database, { people: 3 });
  await database.end();
  const traffic = startTraffic([stage.port], ledger);
  const start = performance.now();
  while (ledger.acknowledgedEnds < 12 && performance.now() - start < minutes(1)) await pass(20);
  await traffic.stop();
  await pass(seconds(1));
};

export const readState = async ({ program, metricsPort }: Stage): Promise<ServerState> => {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  const sum = (pattern: RegExp) =>
    [...text.matchAll(pattern)].reduce((total, [, value]) => total + Number(value), 0);
  const used = sum(/^graphward_database_connections\{[^}]*pool="requests"[^}]*state="used"[^}]*\} (\S+)$/gm);
  const waiting = sum(/^graphward_database_waiting\{[^}]*pool="requests"[^}]*\} (\S+)$/gm);
  return {
    pool: used + waiting,
    heap: sum(/^nodejs_heap_size_used_bytes(?:\{[^}]*\})? (\S+)$/gm),
    streams: sum(/^graphward_streams\{[^}]*state="open"[^}]*\} (\S+)$/gm),
    work: sum(/^process_cpu_seconds_total(?:\{[^}]*\})? (\S+)$/gm),
    ...(await program.readState()),
  };
};

/**
 * Waits for what ends by itself, such as connections that the other end has forgotten. The objects of V8 are what must come back: the C
 * library keeps freed memory for the next crowd, that of a bare `node:http` too. How resident memory grows in an hour, the soak tells.
 */
const readStateAtRest = async (stage: Stage, before: ServerState): Promise<ServerState> => {
  const start = performance.now();
  for (;;) {
    const state = await readState(stage);
    if (findRemains(before, state).length === 0 || performance.now() - start > longestRest) return state;
    // To ask more often would keep V8 from resting.
    await pass(seconds(5));
  }
};

/** What a round must not show. One sentence each. */
export const findBroken = (rounds: readonly Round[]): readonly string[] =>
  rounds.flatMap(({ late, lost, doors, strange, backAfter, reasons }, index) =>
    [
      late.length > 0 && `${late.length} requests took too long: ${late.join(", ")} ms`,
      lost.length > 0 && `lost: ${lost.join("; ")}`,
      doors.length > 0 && `doors: ${doors.join("; ")}`,
      strange.length > 0 && `strange: ${[...new Set(strange)].join("; ")}`,
      backAfter > longestReturn && `back after ${Math.round(backAfter)} ms (${reasons.join(", ")})`,
    ].flatMap((text) => (text === false ? [] : [`round ${index + 1}: ${text}`])),
  );

/** What the rounds have left behind. */
const findRemains = (before: ServerState, after: ServerState): readonly string[] =>
  [
    after.pool > 0 && `${after.pool} places of the pool are still taken`,
    after.heap > before.heap + extraHeap && "the memory does not come back",
    after.descriptors > before.descriptors + extraDescriptors && "descriptors stay open",
  ].flatMap((text) => (text === false ? [] : [text]));
