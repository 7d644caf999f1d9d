// Failed logins and other refusals, recorded once an account, network, budget and window: a flood must not fill the table.
import { createHash } from "node:crypto";
import { sql } from "kysely";
import { LRUCache } from "lru-cache";
import type { Database } from "../../database/tables.ts";
import { minutes, toSeconds } from "../../time.ts";
import { networkOf } from "../viewer/network.ts";
import { type NewEvent, rowOf } from "./record.ts";

const onceEvery = minutes(15);
const remembered = 20_000;
const maxWaiting = 1_000;

export interface Refusals {
  /**
   * Nobody waits for it. Besides sparing the round trip, that keeps the time of a refused login from telling whether there
   * was anything new to write, and with it whether the account is there.
   */
  record(event: NewEvent): void;
  /** Writes down what is waiting. */
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
  // Spares PostgreSQL the repeats; that there is one row only is the doing of its unique index, for all servers.
  const seen = new LRUCache<string, true>({ max: remembered, ttl: onceEvery });
  let waiting: Waiting[] = [];
  let flushing: Promise<void> | null = null;

  const flush = async () => {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        await insertOnce(options.database, batch);
      } catch (error) {
        // The next of its kind is tried again. The log of requests has them all.
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
      flushing ??= flush();
    },
    close: async () => {
      await flushing;
    },
  };
};

const insertOnce = (database: Database, batch: readonly Waiting[]): Promise<void> =>
  database.transaction().execute(async (transaction) => {
    const told = await withoutDeletedAccounts(transaction, batch);
    if (told.length === 0) return;
    await transaction
      .insertInto("audit_events")
      .values(
        told.map(({ event, key }) => ({
          ...rowOf(event),
          // By the database's clock, so that servers agree when a window begins.
          window_key: sql<string>`${key} || floor(extract(epoch from now()) / ${toSeconds(onceEvery)})::text`,
        })),
      )
      .onConflict((conflict) => conflict.column("window_key").where("window_key", "is not", null).doNothing())
      .execute();
  });

/** An account may be deleted while its refusal waits here: written after that, an address would be kept for good. */
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
    // A deletion under way is waited for, and one that comes later finds the event.
    .forKeyShare()
    .execute();
  const there = new Set(accounts.map(({ id }) => id));
  return batch.filter(({ event }) => accountsIn(event).every((id) => there.has(id)));
};

const accountsIn = ({ userId, actorId }: NewEvent): string[] => [userId, actorId].filter((id) => id !== null);

/**
 * A digest: the key stays in the index for as long as the event. What was typed is no part of it, being endless. Who did it is:
 * what somebody tries who acts as another must not hide behind what the other has tried. Nor may one limit hide another.
 */
const keyOf = ({ type, userId, actorId, client, details }: NewEvent): string =>
  `${createHash("sha256")
    .update(JSON.stringify([type, userId, actorId, networkOf(client.ipAddress), details?.budget]))
    .digest("base64url")}.`;
