// Reads of lists: from a replica that has everything that was acknowledged before the request, or else from the primary.
import pg from "pg";
import { findAllowedConnections } from "../connecting/budget.ts";
import { isDatabaseUnavailable } from "../failures.ts";
import { type OpenDatabase, type PoolState, stateOf } from "../open.ts";
import type { Database } from "../tables.ts";
import { readOnly } from "../transaction.ts";
import { connectReplica, RefusedReplica, type ReplicaPlace } from "./connect.ts";
import { findObstacle, findPosition, type Position } from "./position.ts";
import { type ReplicaLog, watchReplica } from "./watch.ts";

/** `work` may run twice, on two databases, and writes nothing. */
export type ReadList = <Value>(work: (database: Database) => Promise<Value>) => Promise<Value>;

export interface Replica {
  readonly readList: ReadList;
  /** Null: behind a pooler, or it does not respond. */
  findAllowedConnections(): Promise<number | null>;
  readState(): ReplicaState;
  close(): Promise<void>;
}

export interface ReplicaState {
  readonly isRead: boolean;
  /** In milliseconds. Null: nobody knows. */
  readonly lag: number | null;
  /** How many lists each of the two has answered. */
  readonly answered: Readonly<Record<"replica" | "primary", number>>;
  /** Null: it has not responded yet. */
  readonly pool: PoolState | null;
}

/** Throws a RefusedReplica with a one-line message. A replica that does not respond is waited for in the background. */
export async function openReplica(
  opened: OpenDatabase,
  {
    connection,
    size,
    lag,
    log,
  }: Pick<ReplicaPlace, "connection" | "size"> & { readonly lag: number; readonly log: ReplicaLog },
): Promise<Replica> {
  const primary = opened.database;
  const identity = await opened.findIdentity();
  const connect = () =>
    connectReplica({ connection, schema: opened.schema, size, identity, primary: opened.description });
  const first = await connect().catch((error: unknown) => {
    if (error instanceof RefusedReplica) throw error;
    return null;
  });
  const watch = await watchReplica({ primary: opened.background, identity, lag, first, connect, log });
  const answered = { replica: 0, primary: 0 };

  const readReplica = <Value>(
    reads: Database,
    position: Position,
    work: (database: Database) => Promise<Value>,
  ): Promise<Value> =>
    readOnly(reads, async (transaction) => {
      const obstacle = await findObstacle(transaction, { position, identity, atMost: lag });
      if (obstacle !== null) throw new UnreadableReplica(obstacle);
      return work(transaction);
    });

  const readList: ReadList = async (work) => {
    const readable = watch.findReadable();
    // Asked after the request has come: whatever its client knows of is before this position.
    const position = readable && (await findPosition(primary).catch(() => null));
    if (readable !== null && position !== null)
      try {
        const value = await readReplica(readable.reads, position, work);
        answered.replica += 1;
        return value;
      } catch (error) {
        // A refusal of ours would be the same on the primary.
        if (!isOfDatabase(error)) throw error;
        watch.suspend();
      }
    answered.primary += 1;
    return work(primary);
  };

  return {
    readList,
    async findAllowedConnections() {
      const connected = watch.findConnected();
      if (connected === null || connected.isPooled) return null;
      return findAllowedConnections(connected.watch).catch(() => null);
    },
    readState: () => {
      const connected = watch.findConnected();
      return {
        isRead: watch.findReadable() !== null,
        lag: watch.readLag(),
        answered,
        pool: connected && stateOf(connected.pool),
      };
    },
    close: watch.close,
  };
}

class UnreadableReplica extends Error {}

const isOfDatabase = (error: unknown): boolean =>
  error instanceof UnreadableReplica || error instanceof pg.DatabaseError || isDatabaseUnavailable(error);
