// Counts budgets in PostgreSQL for all servers; while that fails, in memory with stricter limits.
import { sql, type UpdateQueryBuilder, type UpdateResult } from "kysely";
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from "rate-limiter-flexible";
import type { Budget, BudgetName } from "../../config/rate-limits.ts";
import { ownTable } from "../../database/own-schema.ts";
import type { Database, Tables } from "../../database/tables.ts";
import type { Meter } from "../../meter.ts";
import { seconds, toSeconds } from "../../time.ts";
import { countBoth, lockedInOrder, type Row, type Spending, upsertPoints } from "./counting.ts";

export interface StoreOptions {
  /** The points are spent by checks whose result comes later: `settle` each. Then a full budget may get free again at once. */
  readonly isSettled?: boolean;
  readonly meter?: Meter | null;
}

export interface SpentTogether {
  readonly refusal: RateLimiterRes | null;
  readonly nextRefusal: RateLimiterRes | null;
  readonly isInMemory: boolean;
}

/** A statement that refunds what a right proof has spent: alone, or as a part of a larger one. */
export type Refund = (
  query: Pick<Database, "updateTable">,
) => UpdateQueryBuilder<Tables, "rate_limits", "rate_limits", UpdateResult>;

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
  readonly #inMemory: RateLimiterMemory;
  readonly #meter: Meter | null;

  constructor(
    database: Database,
    name: BudgetName | "login.waits",
    { points, per }: Budget,
    { isSettled = false, meter = null }: StoreOptions = {},
  ) {
    const inMemory = new RateLimiterMemory({
      keyPrefix: name,
      points: Math.max(1, Math.floor(points * shareWhileTheStoreFails)),
      duration: toSeconds(per),
    });
    super({
      storeClient: {},
      storeType: "client",
      tableName: "rate_limits",
      tableCreated: true,
      clearExpiredByTimeout: false,
      keyPrefix: name,
      points,
      duration: toSeconds(per),
      insuranceLimiter: inMemory,
    });
    this.#inMemory = inMemory;
    this.#database = database;
    this.#isSettled = isSettled;
    this.#meter = meter;
  }

  async _upsert(key: string, points: number, duration: number, isReplaced = false): Promise<Row> {
    const isSettled = this.#isSettled && !isReplaced;
    const spending = upsertPoints({ key, points, max: this.points, duration, isReplaced, isSettled });
    const { rows } = await spending.execute(this.#database);
    return rows[0] ?? allInFlight;
  }

  /**
   * Spends a point here and one of `next`, in one statement; none of `next` where there is none here. Returns the refusals: null is
   * none, and after a refusal here the second is null too. While PostgreSQL cannot count, both are counted in memory.
   */
  async spendBoth(
    key: string,
    next: { readonly store: BudgetStore; readonly key: string },
  ): Promise<SpentTogether> {
    let counted: Awaited<ReturnType<typeof countBoth>>;
    try {
      counted = await countBoth(this.#database, this.#point(key), next.store.#point(next.key));
    } catch {
      const refusal = await this.#spendInMemory(key);
      const nextRefusal = refusal === null ? await next.store.#spendInMemory(next.key) : null;
      return { refusal, nextRefusal, isInMemory: true };
    }
    const refusal = this.#refusalIn(counted.own);
    this.#count(refusal);
    const nextRefusal = refusal === null ? next.store.#refusalIn(counted.next) : null;
    if (refusal === null) next.store.#count(nextRefusal);
    return { refusal, nextRefusal, isInMemory: false };
  }

  #point(key: string): Spending {
    return {
      key: this.getKey(key),
      points: 1,
      max: this.points,
      duration: this.msDuration,
      isReplaced: false,
      isSettled: this.#isSettled,
    };
  }

  #refusalIn(row: Row | undefined): RateLimiterRes | null {
    const counted = this._getRateLimiterRes("", 1, row ?? allInFlight);
    return counted.consumedPoints > this.points ? counted : null;
  }

  async #spendInMemory(key: string): Promise<RateLimiterRes | null> {
    try {
      await this.#inMemory.consume(key);
      return null;
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) return refusal;
      throw refusal;
    }
  }

  /** Spends a point. Returns null when there was one, and at least `left` points remain. */
  async spend(key: string, left = 0): Promise<RateLimiterRes | null> {
    const refusal = await this.#trySpend(key, left);
    this.#count(refusal);
    return refusal;
  }

  #count(refusal: RateLimiterRes | null): void {
    this.#meter?.countLimit(this.keyPrefix, refusal !== null);
  }

  async #trySpend(key: string, left: number): Promise<RateLimiterRes | null> {
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

  /**
   * The check of a spent point succeeded: a statement that forgets all points but those of checks that still go on, and everything of
   * `alsoForget`. Guesses at the same moment keep their points: otherwise each right password would give more guesses to them. Rows that
   * are over stay until they are pruned.
   */
  clearing(query: Parameters<Refund>[0], key: string, alsoForget: readonly string[]): ReturnType<Refund> {
    const own = this.getKey(key);
    const others = sql`case when key = ${own} and in_flight_until > now() then greatest(in_flight - 1, 0) else 0 end`;
    return query
      .updateTable("rate_limits")
      .set({
        points: sql<number>`${others}`,
        in_flight: sql<number>`${others}`,
        expires_at: sql<Date>`case when ${others} > 0 then expires_at else now() end`,
      })
      .where("key", "in", (rows) => lockedInOrder(rows).where("key", "in", [own, ...alsoForget]));
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

const allInFlight: Row = { points: 0, left: seconds(1) };

/** Returns how many. */
export const pruneRateLimits = async (database: Database): Promise<number> => {
  const { numDeletedRows } = await database
    .deleteFrom("rate_limits")
    // A row that somebody counts in is about to be new.
    .where("key", "in", (rows) =>
      lockedInOrder(rows).skipLocked().where("expires_at", "<=", sql<Date>`now()`),
    )
    .where("expires_at", "<=", sql<Date>`now()`)
    .executeTakeFirst();
  return Number(numDeletedRows);
};
