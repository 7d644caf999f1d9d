// Counts budgets in PostgreSQL for all servers; while that fails, in memory with stricter limits.
import { sql } from "kysely";
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from "rate-limiter-flexible";
import type { Budget, BudgetName } from "../../config/rate-limits.ts";
import { fromNow } from "../../database/durations.ts";
import { ownTable } from "../../database/own-schema.ts";
import type { Database } from "../../database/tables.ts";
import { toSeconds } from "../../time.ts";

/** The part of the budget in memory: several servers may each count for themselves. */
const shareWhileTheStoreFails = 1 / 2;

/**
 * Runs the library's rules on PostgreSQL's clock. The library's own store uses each server's clock: two clocks that differ would
 * disagree about a wait, and one that was set back could make it last forever. Values are bound.
 */
export class BudgetStore extends RateLimiterPostgres {
  readonly #database: Database;

  constructor(database: Database, name: BudgetName | "login.waits", { points, per }: Budget) {
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
  }

  async _upsert(key: string, points: number, duration: number, isReplaced = false): Promise<Row> {
    const { rows } = await sql<Row>`
      insert into ${ownTable("rate_limits")} (key, points, expires_at)
      values (${key}, ${points}, ${fromNow(duration)})
      on conflict (key) do update set
        points = case when rate_limits.expires_at <= now() or ${isReplaced} then excluded.points
          else rate_limits.points + excluded.points end,
        expires_at = case when rate_limits.expires_at <= now() or ${isReplaced} then excluded.expires_at
          else rate_limits.expires_at end
      returning points, ${millisecondsLeft} as left`.execute(this.#database);
    const [row] = rows;
    if (row === undefined) throw new Error("The upsert of a budget returned no row.");
    return row;
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
      update ${ownTable("rate_limits")} set points = points - 1
      where key = ${this.getKey(key)} and points between 1 and ${this.points} and expires_at > now()`.execute(
      this.#database,
    );
  }

  async _delete(key: string): Promise<boolean> {
    const { rows } =
      await sql`delete from ${ownTable("rate_limits")} where key = ${key} returning key`.execute(
        this.#database,
      );
    return rows.length > 0;
  }

  _getRateLimiterRes(_key: string, changed: number, { points, left }: Row): RateLimiterRes {
    return new RateLimiterRes(Math.max(this.points - points, 0), left, points, points === changed);
  }
}

interface Row {
  readonly points: number;
  readonly left: number;
}

const millisecondsLeft = sql`(extract(epoch from rate_limits.expires_at - now()) * 1000)::float8`;

/** Returns how many. */
export const pruneRateLimits = async (database: Database): Promise<number> => {
  const { numDeletedRows } = await database
    .deleteFrom("rate_limits")
    .where("expires_at", "<=", sql<Date>`now()`)
    .executeTakeFirst();
  return Number(numDeletedRows);
};
