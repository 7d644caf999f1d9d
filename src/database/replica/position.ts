// Positions in PostgreSQL's log: how a read knows that a replica has everything that was acknowledged before it.
import { setTimeout as pause } from "node:timers/promises";
import { sql } from "kysely";
import { milliseconds } from "../../time.ts";
import { identityStatement } from "../connecting/pooling.ts";
import type { Database } from "../tables.ts";

/** As PostgreSQL writes it: `16/B374D848`. */
export type Position = string;

/** Why a replica cannot answer a read. */
export type Obstacle = "behind" | "a primary" | "another database";

export interface Wanted {
  readonly position: Position;
  /** Identifies the primary. Null: it does not say. */
  readonly identity: string | null;
  /** Milliseconds. */
  readonly atMost: number;
}

/** What the primary has on its disk, and so everything that it has acknowledged. */
export async function findPosition(primary: Database): Promise<Position> {
  const { rows } = await sql<{ position: Position }>`
    select pg_catalog.pg_current_wal_flush_lsn()::text as position`.execute(primary);
  return requireRow(rows).position;
}

/** What the replica has replayed. Null: it is none. */
export async function findReplayed(replica: Database): Promise<Position | null> {
  const { rows } = await sql<{ position: Position | null }>`
    select case when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn()::text end as position`.execute(
    replica,
  );
  return requireRow(rows).position;
}

const lookEvery = milliseconds(10);

/**
 * Waits until the replica has replayed the position. Asks on each connection what it leads to: an address may come to lead to another
 * server. Null: nothing stands in the way.
 */
export async function findObstacle(
  replica: Database,
  { position, identity, atMost }: Wanted,
): Promise<Obstacle | null> {
  const start = performance.now();
  for (;;) {
    const { rows } = await sql<{ isReplica: boolean; hasAll: boolean; isSame: boolean }>`
      select pg_catalog.pg_is_in_recovery() as "isReplica", ${isSame(identity)} as "isSame",
        coalesce(pg_catalog.pg_last_wal_replay_lsn() >= ${position}::pg_catalog.pg_lsn, false) as "hasAll"`.execute(
      replica,
    );
    const found = requireRow(rows);
    if (!found.isSame) return "another database";
    if (!found.isReplica) return "a primary";
    if (found.hasAll) return null;
    if (performance.now() - start >= atMost) return "behind";
    await pause(lookEvery);
  }
}

const isSame = (identity: string | null) =>
  identity === null ? sql<boolean>`true` : sql<boolean>`(${sql.raw(identityStatement)}) = ${identity}`;

export function isAhead(one: Position, other: Position): boolean {
  return numberOf(one) > numberOf(other);
}

const numberOf = (position: Position): bigint => {
  const [high = "", low = ""] = position.split("/");
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
};

const requireRow = <Row>([row]: readonly Row[]): Row => {
  if (row === undefined) throw new Error("A statement without a table returned no row.");
  return row;
};
