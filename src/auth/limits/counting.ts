// The statements that count points of budgets, on PostgreSQL's clock.
import { type ExpressionBuilder, type RawBuilder, sql } from "kysely";
import { fromNow } from "../../database/durations.ts";
import { ownTable } from "../../database/own-schema.ts";
import { runPrepared } from "../../database/run-prepared.ts";
import type { Database, Tables } from "../../database/tables.ts";
import { minutes } from "../../time.ts";

export interface Spending {
  readonly key: string;
  readonly points: number;
  /** The points of the whole budget. */
  readonly max: number;
  /** The budget's period, in milliseconds. */
  readonly duration: number;
  /** Whether it sets the points, and does not add them. */
  readonly isReplaced: boolean;
  /** Whether a check of these points is still to come. */
  readonly isSettled: boolean;
}

export interface Row {
  /** All that are spent. */
  readonly points: number;
  /** Until the budget is new, in milliseconds. */
  readonly left: number;
}

/** Longer than a password check can take: the hash queue, the hash and the statements around it. */
export const maxFlight = minutes(1);

/** Without a row in return: a check that is still going on may free the budget, so this one spends nothing and starts no wait. */
export function upsertPoints(spending: Spending, source: RawBuilder<unknown> = sql``): RawBuilder<Row> {
  const { key, points, max, duration, isReplaced, isSettled } = spending;
  const flying = isSettled ? points : 0;
  const mayGetFree = sql<boolean>`not ${isReplaced}::boolean and rate_limits.expires_at > now()
    and rate_limits.points = ${max}::bigint and rate_limits.in_flight > 0 and rate_limits.in_flight_until > now()`;
  return sql<Row>`
    insert into ${ownTable("rate_limits")} (key, points, expires_at, in_flight, in_flight_until)
    select ${key}::text, ${points}::bigint, ${fromNow(duration)}, ${flying}::integer, ${flying > 0 ? fromNow(maxFlight) : sql`null::timestamptz`}
    ${source}
    on conflict (key) do update set
      points = case when rate_limits.expires_at <= now() or ${isReplaced}::boolean then excluded.points
        else rate_limits.points + excluded.points end,
      expires_at = case when rate_limits.expires_at <= now() or ${isReplaced}::boolean then excluded.expires_at
        else rate_limits.expires_at end,
      in_flight = case when rate_limits.expires_at <= now() or ${isReplaced}::boolean then excluded.in_flight
        when rate_limits.points >= ${max}::bigint then 0
        when rate_limits.in_flight_until > now() then rate_limits.in_flight + excluded.in_flight
        else excluded.in_flight end,
      in_flight_until = coalesce(excluded.in_flight_until, rate_limits.in_flight_until)
    where not coalesce(${mayGetFree}, false)
    returning points, ${millisecondsLeft} as left`;
}

/** One statement. Spends nothing of `next` when all of `own` was spent, or may get free. */
export async function countBoth(
  database: Database,
  own: Spending,
  next: Spending,
): Promise<{ readonly own: Row | undefined; readonly next: Row | undefined }> {
  const statement = sql<Row & { readonly isOwn: boolean }>`
    with own as (${upsertPoints(own)}),
      next as (${upsertPoints(next, sql`from own where own.points <= ${own.max}::bigint`)})
    select true as "isOwn", * from own union all select false, * from next`.compile(database);
  const rows = await runPrepared(database, statement);
  return { own: rows.find(({ isOwn }) => isOwn), next: rows.find(({ isOwn }) => !isOwn) };
}

/** The keys of rows that a statement changes. Two statements that lock several rows would deadlock in different orders. */
export function lockedInOrder(rows: ExpressionBuilder<Tables, "rate_limits">) {
  return rows.selectFrom("rate_limits").select("key").orderBy("key").forUpdate();
}

const millisecondsLeft = sql`(extract(epoch from rate_limits.expires_at - now()) * 1000)::float8`;
