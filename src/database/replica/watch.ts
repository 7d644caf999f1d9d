// Asks every second whether the replica may be read, and tells the operator when that changes.
import { seconds } from "../../time.ts";
import { causeOf } from "../failures.ts";
import type { Database } from "../tables.ts";
import { type ConnectedReplica, RefusedReplica } from "./connect.ts";
import {
  findObstacle,
  findPosition,
  findReplayed,
  isAhead,
  type Obstacle,
  type Position,
} from "./position.ts";

const beatEvery = seconds(1);

/** A replica that is at times behind for a moment is not worth two lines each time. */
const beatsToTell = 3;

/** An hour: a replica that is further behind has at least that lag. */
const mostSamples = 3600;

export interface WatchOptions {
  readonly primary: Database;
  readonly identity: string | null;
  /** Milliseconds. */
  readonly lag: number;
  /** Null: at the start it did not respond. */
  readonly first: ConnectedReplica | null;
  connect(): Promise<ConnectedReplica>;
  readonly log: ReplicaLog;
}

export interface ReplicaLog {
  warn(details: Readonly<Record<string, unknown>>, text: string): void;
  info(details: Readonly<Record<string, unknown>>, text: string): void;
}

export interface ReplicaWatch {
  /** Null: it has not responded yet. */
  findConnected(): ConnectedReplica | null;
  /** Null: it may not be read now. */
  findReadable(): ConnectedReplica | null;
  /** Until the next beat: a read has failed. */
  suspend(): void;
  /** In milliseconds. Null: nobody knows. */
  readLag(): number | null;
  close(): Promise<void>;
}

type Reason = Obstacle | "ahead of the primary" | "refused" | "unavailable";

/** `reason` null: the replica may be read. */
interface Finding {
  readonly reason: Reason | null;
  readonly error?: string;
  /** Milliseconds. */
  readonly lag?: number;
}

/** Resolves after the first beat. */
export async function watchReplica(options: WatchOptions): Promise<ReplicaWatch> {
  const { primary, identity, lag: mostLag, log } = options;
  let connected = options.first;
  let isReadable = false;
  let lag: number | null = null;
  /** What the primary had at these times. */
  let samples: { readonly at: number; readonly position: Position }[] = [];

  /** Null: the primary does not respond, and then no list asks for the replica. */
  const look = async (): Promise<Finding | null> => {
    connected ??= await options.connect();
    const { watch } = connected;
    const before = await findReplayed(watch);
    const at = performance.now();
    const position = await findPosition(primary).catch(() => null);
    if (position === null) return null;
    samples = [...samples, { at, position }].slice(-mostSamples);
    // Another history of the same cluster, such as the replica of a copy.
    if (before !== null && isAhead(before, position)) return { reason: "ahead of the primary" };
    const obstacle = await findObstacle(watch, { position, identity, atMost: mostLag });
    const now = performance.now();
    const replayed = obstacle === null ? position : await findReplayed(watch);
    if (replayed === null) return { reason: "a primary" };
    // Only the newest one that was reached: the others cannot become the answer any more.
    const reached = samples.findLastIndex((it) => !isAhead(it.position, replayed));
    samples = samples.slice(Math.max(reached, 0));
    return { reason: obstacle, lag: now - (obstacle === null ? at : (samples[0]?.at ?? at)) };
  };

  /** Null: nothing, and a replica that is there at the start is worth no line. */
  let told: "read" | "not read" | null = null;
  let beatsOfOther = 0;
  const tell = ({ reason, error, lag: found }: Finding) => {
    const next = reason === null ? "read" : "not read";
    beatsOfOther = next === told ? 0 : beatsOfOther + 1;
    if (told !== null && beatsOfOther < beatsToTell) return;
    beatsOfOther = 0;
    const isFirst = told === null;
    told = next;
    if (isFirst && reason === null) return;
    const details = { ...(found !== undefined && { lag: Math.round(found) }) };
    if (reason === null) log.info(details, "replica is read again");
    else
      log.warn({ reason, ...details, ...(error && { error }) }, "replica is not read, the primary answers");
  };

  const beat = async () => {
    const finding = await look().catch((error: unknown): Finding | null =>
      error instanceof RefusedReplica
        ? { reason: "refused", error: error.message }
        : { reason: "unavailable", error: causeOf(error) },
    );
    if (finding === null) return;
    isReadable = finding.reason === null;
    lag = finding.lag ?? null;
    tell(finding);
  };

  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  let beating = beat();
  const again = () => {
    if (isClosed) return;
    timer = setTimeout(() => {
      beating = beat().then(again);
    }, beatEvery);
    timer.unref();
  };
  await beating;
  again();

  return {
    findConnected: () => connected,
    findReadable: () => (isReadable ? connected : null),
    suspend() {
      isReadable = false;
    },
    readLag: () => lag,
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await beating;
      await connected?.close();
    },
  };
}
