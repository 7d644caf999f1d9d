// Records failed logins and other refusals once per user, network, budget and window, so that a flood cannot fill the table.
import { createHash } from "node:crypto";
import { sql } from "kysely";
import { LRUCache } from "lru-cache";
import { beyondRequest } from "../../database/connecting/patience.ts";
import type { Database } from "../../database/tables.ts";
import { transact } from "../../database/transaction.ts";
import { minutes, toSeconds } from "../../time.ts";
import { networkOf } from "../viewer/network.ts";
import { type NewEvent, rowOf } from "./record.ts";

const onceEvery = minutes(15);
const remembered = 20_000;
const maxWaiting = 1_000;

export interface Refusals {
  /**
   * Does not wait for the write, so that the time of a refused login does not reveal whether there was something new to write,
   * and with it whether the user exists.
   */
  record(event: NewEvent): void;
  /** Writes the waiting events. */
  close(): Promise<void>;
}

interface Waiting {
  readonly event: NewEvent;
  readonly key: string;
}

export const createRefusals = (options: {
  readonly database: Database;
  readonly onError: (error: unknown) => void;
}): Refusals => {
  // Saves PostgreSQL the repeats. Uniqueness across servers comes from the index.
  const seen = new LRUCache<string, true>({ maxSize: remembered, sizeCalculation: () => 1, ttl: onceEvery });
  let waiting: Waiting[] = [];
  let flushing: Promise<void> | null = null;

  const flush = async () => {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        await insertOnce(options.database, batch);
      } catch (error) {
        // The next event with this key tries again. The request log has them all.
        for (const { key } of batch) seen.delete(key);
        options.onError(error);
      }
    }
    flushing = null;
  };

  return {
    record(event) {
      const key = keyOf(event);
      if (seen.has(key) || waiting.length >= maxWaiting) return;
      seen.set(key, true);
      waiting.push({ event, key });
      flushing ??= beyondRequest(flush);
    },
    close: async () => {
      await flushing;
    },
  };
};

const insertOnce = (database: Database, batch: readonly Waiting[]): Promise<void> =>
  transact(database, async (transaction) => {
    const told = await withoutDeletedAccounts(transaction, batch);
    if (told.length === 0) return;
    await transaction
      .insertInto("audit_events")
      .values(
        told.map(({ event, key }) => ({
          ...rowOf(event),
          // The database's clock, so that all servers agree on when a window begins.
          window_key: sql<string>`${key} || floor(extract(epoch from now()) / ${toSeconds(onceEvery)})::text`,
        })),
      )
      // Names no column: where the table has partitions, the unique index is each partition's own.
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  });

/** A user may be deleted while an event waits here: written afterwards, it would keep an IP address for good. */
const withoutDeletedAccounts = async (
  transaction: Database,
  batch: readonly Waiting[],
): Promise<readonly Waiting[]> => {
  const ids = [...new Set(batch.flatMap(({ event }) => accountsIn(event)))];
  if (ids.length === 0) return batch;
  const accounts = await transaction
    .selectFrom("users")
    .select("id")
    .where("id", "=", sql<string>`any(${ids}::uuid[])`)
    .orderBy("id")
    // Waits for a deletion in progress. A later deletion finds the event.
    .forKeyShare()
    .execute();
  const there = new Set(accounts.map(({ id }) => id));
  return batch.filter(({ event }) => accountsIn(event).every((id) => there.has(id)));
};

const accountsIn = ({ userId, actorId }: NewEvent): string[] => [userId, actorId].filter((id) => id !== null);

/**
 * A digest, because the key stays in the index as long as the event. What was typed is not part of it, because its values are
 * unlimited. The actor is part of it, so that an impersonator's attempts do not hide behind the user's; so is the budget, so that
 * no limit hides another.
 */
const keyOf = ({ type, userId, actorId, client, details }: NewEvent): string =>
  `${createHash("sha256")
    .update(JSON.stringify([type, userId, actorId, networkOf(client.ipAddress), details?.budget]))
    .digest("base64url")}.`;
