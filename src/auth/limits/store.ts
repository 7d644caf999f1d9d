// Counts budgets in PostgreSQL for all servers; while that fails, in memory with stricter limits.
import { sql } from "kysely";
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from "rate-limiter-flexible";
import type { Budget, BudgetName } from "../../config/rate-limits.ts";
import { fromNow } from "../../database/durations.ts";
import { ownTable } from "../../database/own-schema.ts";
import type { Database } from "../../database/tables.ts";
import { minutes, seconds, toSeconds } from "../../time.ts";

/** Longer than a password check can take: the hash queue, the hash and the statements around it. */
const maxFlight = minutes(1);

export interface StoreOptions {
  /** The points are spent by checks whose result comes later: `settle` each. Then a full budget may get free again at once. */
  readonly isSettled?: boolean;
}

/** All points that are left are spent by checks without a result yet. */
export class AllInFlight extends RateLimiterRes {}

/** The part of the budget in memory: several servers may each count for themselves. */
const shareWhileTheStoreFails = 1 / 2;

/**
 * Runs the library's rules on PostgreSQL's clock. The library's own store uses each server's clock: two clocks that differ would
 * disagree about a wait, and one that was set back could make it last forever. Values are bound.
 */
export class BudgetStore extends RateLimiterPostgres {
  readonly #database: Database;
  readonly #isSettled: boolean;

  constructor(
    database: Database,
    name: BudgetName | "login.waits",
    { points, per }: Budget,
    { isSettled = false }: StoreOptions = {},
  ) {
    super({
      storeClient: {},
      storeType: "client",
      tableName: "rate_limits",
      tableCreated: true,
      clearExpiredByTimeout: false,
      keyPrefix: name,
      points,
      duration: toSeconds(per),
      insuranceLimiter: new RateLimiterMemory({
        keyPrefix: name,
        points: Math.max(1, Math.floor(points * shareWhileTheStoreFails)),
        duration: toSeconds(per),
      }),
    });
    this.#database = database;
    this.#isSettled = isSettled;
  }

  async _upsert(key: string, points: number, duration: number, isReplaced = false): Promise<Row> {
    const flying = this.#isSettled && !isReplaced ? points : 0;
    // Without a row in return: a check that is still going on may free the budget, so this one spends nothing and starts no wait.
    const mayGetFree = sql<boolean>`not ${isReplaced} and rate_limits.expires_at > now()
      and rate_limits.points = ${this.points}::bigint and rate_limits.in_flight > 0 and rate_limits.in_flight_until > now()`;
    const { rows } = await sql<Row>`
      insert into ${ownTable("rate_limits")} (key, points, expires_at, in_flight, in_flight_until)
      values (${key}, ${points}, ${fromNow(duration)}, ${flying}, ${flying > 0 ? fromNow(maxFlight) : null})
      on conflict (key) do update set
        points = case when rate_limits.expires_at <= now() or ${isReplaced} then excluded.points
          else rate_limits.points + excluded.points end,
        expires_at = case when rate_limits.expires_at <= now() or ${isReplaced} then excluded.expires_at
          else rate_limits.expires_at end,
        in_flight = case when rate_limits.expires_at <= now() or ${isReplaced} then excluded.in_flight
          when rate_limits.points >= ${this.points}::bigint then 0
          when rate_limits.in_flight_until > now() then rate_limits.in_flight + excluded.in_flight
          else excluded.in_flight end,
        in_flight_until = coalesce(excluded.in_flight_until, rate_limits.in_flight_until)
      where not coalesce(${mayGetFree}, false)
      returning points, ${millisecondsLeft} as left`.execute(this.#database);
    return rows[0] ?? allInFlight;
  }

  /** Spends a point. Returns null when there was one, and at least `left` points remain. */
  async spend(key: string, left = 0): Promise<RateLimiterRes | null> {
    try {
      const spent = await this.consume(key);
      if (spent.remainingPoints >= left) return null;
      await this.refund(key);
      return spent;
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) return refusal;
      throw refusal;
    }
  }

  /** Gives one spent point back. A wait goes on. */
  async refund(key: string): Promise<void> {
    await sql`
      update ${ownTable("rate_limits")} set points = points - 1, in_flight = greatest(in_flight - 1, 0)
      where key = ${this.getKey(key)} and points between 1 and ${this.points} and expires_at > now()`.execute(
      this.#database,
    );
  }

  /** The check of a spent point failed: the point stays spent. */
  async settle(key: string): Promise<void> {
    await this.#database
      .updateTable("rate_limits")
      .set(({ eb }) => ({ in_flight: eb("in_flight", "-", 1) }))
      .where("key", "=", this.getKey(key))
      .where("in_flight", ">", 0)
      .execute();
  }

  /** The check of a spent point succeeded: forgets all points but those of checks that still go on, and everything of `alsoDelete`. */
  async clear(key: string, alsoDelete: readonly string[]): Promise<void> {
    const own = this.getKey(key);
    const isLast = sql<boolean>`(in_flight <= 1 or in_flight_until <= now())`;
    const deleted = await this.#database
      .deleteFrom("rate_limits")
      .where(({ or, and, eb }) => or([eb("key", "in", [...alsoDelete]), and([eb("key", "=", own), isLast])]))
      .returning("key")
      .execute();
    if (deleted.some((row) => row.key === own)) return;
    // Guesses at the same moment keep their points: otherwise each right password would give more guesses to them.
    await this.#database
      .updateTable("rate_limits")
      .set({ points: sql<number>`in_flight - 1`, in_flight: sql<number>`in_flight - 1` })
      .where("key", "=", own)
      .where("in_flight", ">", 0)
      .execute();
  }

  async _delete(key: string): Promise<boolean> {
    const { rows } =
      await sql`delete from ${ownTable("rate_limits")} where key = ${key} returning key`.execute(
        this.#database,
      );
    return rows.length > 0;
  }

  _getRateLimiterRes(_key: string, changed: number, row: Row): RateLimiterRes {
    const { points, left } = row;
    if (row === allInFlight) return new AllInFlight(0, left, this.points + 1, false);
    return new RateLimiterRes(Math.max(this.points - points, 0), left, points, points === changed);
  }
}

interface Row {
  readonly points: number;
  readonly left: number;
}

const allInFlight: Row = { points: 0, left: seconds(1) };

const millisecondsLeft = sql`(extract(epoch from rate_limits.expires_at - now()) * 1000)::float8`;

/** Returns how many. */
export const pruneRateLimits = async (database: Database): Promise<number> => {
  const { numDeletedRows } = await database
    .deleteFrom("rate_limits")
    .where("expires_at", "<=", sql<Date>`now()`)
    .executeTakeFirst();
  return Number(numDeletedRows);
};
