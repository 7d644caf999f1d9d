// Seals security events: gives each event its place in the chain and a MAC.
import { sql } from "kysely";
import { ownTable } from "../../../database/own-schema.ts";
import type { Database } from "../../../database/tables.ts";
import { transact } from "../../../database/transaction.ts";
import { beginning, commitToClient, commitToPersonal, type Head, macOf, makeSalt } from "./chain.ts";
import { findAnchor, findLastSealed, lockUnsealed, tryLockChain } from "./rows.ts";

const eventsAtOnce = 500;

export interface Sealing {
  readonly sealed: number;
  /** Store it where nobody can change it: it proves later that the end was not cut off. */
  readonly head: Head;
}

/**
 * The place is assigned here, not when the event is recorded, because a transaction that commits late has a lower id and an
 * earlier time than events that are already sealed. One transaction, so that all its events share one `sealed_at`, and anything
 * sealed later was not there before. Returns null when another server is sealing.
 */
export const sealEvents = (database: Database, key: string): Promise<Sealing | null> =>
  transact(database, async (transaction) => {
    if (!(await tryLockChain(transaction))) return null;
    const sealedAt = await readClock(transaction);
    let head = (await findLastSealed(transaction)) ?? (await findAnchor(transaction)) ?? beginning;
    let sealed = 0;
    for (;;) {
      const batch = await lockUnsealed(transaction, eventsAtOnce);
      if (batch.length === 0) return { sealed, head };
      const seals: Record<string, string | number>[] = [];
      for (const event of batch) {
        const [clientSalt, personalSalt] = [makeSalt(), makeSalt()];
        const clientCommitment = commitToClient(clientSalt, event);
        const personalCommitment = commitToPersonal(personalSalt, event);
        const mac = macOf(key, head, { ...event, clientCommitment, personalCommitment, sealedAt });
        head = { sequence: head.sequence + 1, mac };
        const binary = { mac, clientSalt, clientCommitment, personalSalt, personalCommitment };
        seals.push({ id: event.id, sequence: head.sequence, ...inHex(binary) });
      }
      await writeSeals(transaction, sealedAt, seals);
      sealed += seals.length;
    }
  });

const readClock = async (database: Database): Promise<Date> => {
  const { rows } = await sql<{ now: Date }>`select clock_timestamp()::timestamptz(3) as now`.execute(
    database,
  );
  if (rows[0] === undefined) throw new Error("PostgreSQL did not return the time.");
  return rows[0].now;
};

const writeSeals = async (
  transaction: Database,
  sealedAt: Date,
  seals: readonly Record<string, string | number>[],
): Promise<void> => {
  await sql`
    update ${ownTable("audit_events")} set
      sequence = seal.sequence,
      sealed_at = ${sealedAt},
      mac = decode(seal.mac, 'hex'),
      client_salt = decode(seal."clientSalt", 'hex'),
      client_commitment = decode(seal."clientCommitment", 'hex'),
      personal_salt = decode(seal."personalSalt", 'hex'),
      personal_commitment = decode(seal."personalCommitment", 'hex')
    from jsonb_to_recordset(${JSON.stringify(seals)}::jsonb) as seal(
      id bigint, sequence bigint, mac text, "clientSalt" text, "clientCommitment" text,
      "personalSalt" text, "personalCommitment" text)
    where audit_events.id = seal.id`.execute(transaction);
};

const inHex = (buffers: Readonly<Record<string, Buffer>>): Record<string, string> =>
  Object.fromEntries(Object.entries(buffers).map(([name, buffer]) => [name, buffer.toString("hex")]));
