// The rows of the chain: read to seal, verify and drop events.
import { sql } from "kysely";
import { lockKey } from "../../../database/own-schema.ts";
import type { Database } from "../../../database/tables.ts";
import type { Anchor, ChainedEvent, Head, PersonalValues } from "./chain.ts";

/** Nullable, because an attacker may have emptied any column. */
export interface SealedRow extends ChainedEvent, PersonalValues {
  readonly sequence: number;
  readonly sealedAt: Date | null;
  readonly mac: Buffer | null;
  readonly clientSalt: Buffer | null;
  readonly clientCommitment: Buffer | null;
  readonly personalSalt: Buffer | null;
  readonly personalCommitment: Buffer | null;
}

export interface StoredAnchor extends Anchor {
  readonly seal: Buffer;
}

/** Held until the end of the transaction: one process at a time adds to the chain or shortens it. */
export const lockChain = async (transaction: Database): Promise<void> => {
  await sql`select pg_advisory_xact_lock(${lockKey("audit trail")})`.execute(transaction);
};

/** Returns false when another server holds the lock. */
export const tryLockChain = async (transaction: Database): Promise<boolean> => {
  const { rows } = await sql<{
    isLocked: boolean;
  }>`select pg_try_advisory_xact_lock(${lockKey("audit trail")}) as "isLocked"`.execute(transaction);
  return rows[0]?.isLocked === true;
};

const eventsAtOnce = 1_000;

const eventColumns = [
  "id",
  "at",
  "type",
  "user_id as userId",
  "actor_id as actorId",
  "session_id as sessionId",
  "ip_address as ipAddress",
  "user_agent as userAgent",
  "request_id as requestId",
] as const;
const details = sql<string>`details::text`.as("details");
const personal = sql<string | null>`personal::text`.as("personal");

/** Oldest first, with row locks, which wait for an erasure in progress. */
export const lockUnsealed = (transaction: Database, limit: number) =>
  transaction
    .selectFrom("audit_events")
    .select([...eventColumns, details, personal])
    .where("sequence", "is", null)
    .orderBy("id")
    .limit(limit)
    .forUpdate()
    .execute();

/** A page at a time: the trail may be larger than memory. */
export const eachSealed = async function* (
  database: Database,
  afterSequence: number,
): AsyncGenerator<SealedRow> {
  for (let after = afterSequence; ; ) {
    const page = await readSealed(database, after);
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.sequence;
  }
};

const readSealed = async (database: Database, afterSequence: number): Promise<SealedRow[]> => {
  const rows = await database
    .selectFrom("audit_events")
    .select([...eventColumns, details, personal, "mac", "sealed_at as sealedAt"])
    .select(["client_salt as clientSalt", "client_commitment as clientCommitment"])
    .select(["personal_salt as personalSalt", "personal_commitment as personalCommitment"])
    .select(sql<string>`sequence`.as("sequence"))
    .where("sequence", ">", String(afterSequence))
    .orderBy("sequence")
    .limit(eventsAtOnce)
    .execute();
  return rows.map((row) => ({ ...row, sequence: Number(row.sequence) }));
};

export const findAnchor = async (database: Database): Promise<StoredAnchor | null> => {
  const row = await database
    .selectFrom("audit_anchors")
    .select(["sequence", "mac", "sealed_at as sealedAt", "seal"])
    .orderBy("sequence", "desc")
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? null : { ...row, sequence: Number(row.sequence) };
};

export const findLastSealed = async (database: Database): Promise<Head | null> => {
  const row = await database
    .selectFrom("audit_events")
    .select(["sequence", "mac"])
    .where("sequence", "is not", null)
    .orderBy("sequence", "desc")
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? null : { sequence: Number(row.sequence), mac: row.mac ?? Buffer.alloc(0) };
};
