// Counts budgets for all servers: in Redis where there is one, otherwise in PostgreSQL; while both fail, in memory with stricter limits.
import { sql, type UpdateQueryBuilder, type UpdateResult } from "kysely";
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from "rate-limiter-flexible";
import type { Budget, BudgetName } from "../../config/rate-limits.ts";
import { ownTable } from "../../database/own-schema.ts";
import { runPrepared } from "../../database/run-prepared.ts";
import type { Database, Tables } from "../../database/tables.ts";
import type { Meter } from "../../meter.ts";
import { seconds, toSeconds } from "../../time.ts";
import { countBoth, lockedInOrder, type Row, type Spending, upsertPoints } from "./counting.ts";
import type { RedisCounts } from "./counting-in-redis.ts";

/** Null: PostgreSQL counts. */
export interface CountPlaces {
  readonly database: Database;
  readonly redis: RedisCounts | null;
}

/** Where a point was spent: it is given back there, and nowhere else. */
export type CountedIn = "redis" | "postgres" | "memory";

export interface StoreOptions {
  /** The points are spent by checks whose result comes later: `settle` each. Then a full budget may get free again at once. */
  readonly isSettled?: boolean;
  readonly meter?: Meter | null;
}

/** A refusal of null is none. */
export interface Spent {
  readonly refusal: RateLimiterRes | null;
  readonly countedIn: CountedIn;
}

export interface SpentTogether extends Spent {
  readonly nextRefusal: RateLimiterRes | null;
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
  readonly #redis: RedisCounts | null;
  readonly #isSettled: boolean;
  readonly #inMemory: RateLimiterMemory;
  readonly #meter: Meter | null;

  constructor(
    { database, redis }: CountPlaces,
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
    this.#redis = redis;
    this.#isSettled = isSettled;
    this.#meter = meter;
  }

  async _upsert(key: string, points: number, duration: number, isReplaced = false): Promise<Row> {
    const isSettled = this.#isSettled && !isReplaced;
    const spending = upsertPoints({ key, points, max: this.points, duration, isReplaced, isSettled });
    const [row] = await runPrepared(this.#database, spending.compile(this.#database));
    return row ?? allInFlight;
  }

  /**
   * Spends a point here and one of `next`, in one statement; none of `next` where there is none here. Returns the refusals: after
   * one here, the second is null too. While neither Redis nor PostgreSQL can count, both are counted in memory.
   */
  async spendBoth(
    key: string,
    next: { readonly store: BudgetStore; readonly key: string },
  ): Promise<SpentTogether> {
    const [first, second] = [this.#point(key), next.store.#point(next.key)];
    const counted = await this.#countInStore(
      (redis) => redis.spendBoth(first, second),
      (database) => countBoth(database, first, second),
    );
    if (counted === null) {
      const refusal = refusalOf(await this.#spendInMemory(key));
      const nextRefusal = refusal === null ? refusalOf(await next.store.#spendInMemory(next.key)) : null;
      return { refusal, nextRefusal, countedIn: "memory" };
    }
    const refusal = this.#refusalIn(this.#resultOf(counted.value.own));
    this.#count(refusal);
    const nextRefusal =
      refusal === null ? next.store.#refusalIn(next.store.#resultOf(counted.value.next)) : null;
    if (refusal === null) next.store.#count(nextRefusal);
    return { refusal, nextRefusal, countedIn: counted.countedIn };
  }

  /** Redis first. Null: nothing can count. */
  async #countInStore<Value>(
    inRedis: (redis: RedisCounts) => Promise<Value>,
    inPostgres: (database: Database) => Promise<Value>,
  ): Promise<{ readonly value: Value; readonly countedIn: CountedIn } | null> {
    try {
      if (this.#redis !== null) return { value: await inRedis(this.#redis), countedIn: "redis" };
    } catch {
      // It has said why in the log.
    }
    try {
      return { value: await inPostgres(this.#database), countedIn: "postgres" };
    } catch {
      return null;
    }
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

  #resultOf(row: Row | undefined): RateLimiterRes {
    return this._getRateLimiterRes("", 1, row ?? allInFlight);
  }

  #refusalIn(counted: RateLimiterRes): RateLimiterRes | null {
    return counted.consumedPoints > this.points ? counted : null;
  }

  async #spendInMemory(key: string): Promise<InMemory> {
    try {
      return { result: await this.#inMemory.consume(key), isRefused: false };
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) return { result: refusal, isRefused: true };
      throw refusal;
    }
  }

  /** Spends a point. Refuses when there was none, or fewer than `left` would remain. */
  async spend(key: string, left = 0): Promise<Spent> {
    const spent = await this.#trySpend(key, left);
    this.#count(spent.refusal);
    return spent;
  }

  #count(refusal: RateLimiterRes | null): void {
    this.#meter?.countLimit(this.keyPrefix, refusal !== null);
  }

  async #trySpend(key: string, left: number): Promise<Spent> {
    const point = this.#point(key);
    const counted = await this.#countInStore(
      (redis) => redis.spend(point),
      async (database) => (await upsertPoints(point).execute(database)).rows[0],
    );
    const countedIn = counted?.countedIn ?? "memory";
    const inMemory = counted === null ? await this.#spendInMemory(key) : null;
    const result = inMemory?.result ?? this.#resultOf(counted?.value);
    const refusal = inMemory === null ? this.#refusalIn(result) : refusalOf(inMemory);
    if (refusal !== null || result.remainingPoints >= left) return { refusal, countedIn };
    await this.refund(key, countedIn);
    return { refusal: result, countedIn };
  }

  /** Gives one spent point back. A wait goes on. */
  async refund(key: string, countedIn: CountedIn): Promise<void> {
    if (countedIn === "redis") await this.#redis?.refund(this.getKey(key), this.points);
    else if (countedIn === "memory") await this.#inMemory.reward(key);
    else
      await sql`
      update ${ownTable("rate_limits")} set points = points - 1, in_flight = greatest(in_flight - 1, 0)
      where key = ${this.getKey(key)} and points between 1 and ${this.points} and expires_at > now()`.execute(
        this.#database,
      );
  }

  /** The check of a spent point failed: the point stays spent. */
  async settle(key: string, countedIn: CountedIn): Promise<void> {
    if (countedIn === "redis") await this.#redis?.settle(this.getKey(key));
    else if (countedIn === "postgres")
      await this.#database
        .updateTable("rate_limits")
        .set(({ eb }) => ({ in_flight: eb("in_flight", "-", 1) }))
        .where("key", "=", this.getKey(key))
        .where("in_flight", ">", 0)
        .execute();
  }

  /** Spends all for so many milliseconds. In PostgreSQL always, so that a wait does not end with the Redis that counted. */
  async beginWait(key: string, wait: number, countedIn: CountedIn): Promise<void> {
    const { points: _, ...spending } = { ...this.#point(key), duration: wait };
    if (countedIn === "redis") await this.#redis?.block(spending).catch(() => undefined);
    await this.block(key, toSeconds(wait));
  }

  /** The same as `clearing`, for the points that were spent in Redis. */
  async clearInRedis(key: string): Promise<void> {
    await this.#redis?.clear(this.getKey(key));
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

interface InMemory {
  readonly result: RateLimiterRes;
  readonly isRefused: boolean;
}

const refusalOf = ({ result, isRefused }: InMemory): RateLimiterRes | null => (isRefused ? result : null);

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
