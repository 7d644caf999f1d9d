// The counts of rate limits, wherever they are: in PostgreSQL, or in Redis too. For moving them in time, and for checking them.
import { sql } from "kysely";
import { findRedisOfTests, prefixOf } from "./redis.ts";
import type { App } from "./server.ts";

interface Count {
  /** Such as `login.account:…`. */
  readonly key: string;
  readonly points: number;
  readonly flying: number;
  /** Milliseconds until it is over. */
  readonly left: number;
}

type On = Pick<App, "database" | "databaseName">;

export const readCounts = async (on: On): Promise<readonly Count[]> => {
  const { rows } = await sql<Count>`
    select key, points::int, in_flight as flying, extract(epoch from expires_at - now())::float8 * 1000 as left
    from rate_limits`.execute(on.database);
  return [...rows, ...(await readRedis(on))];
};

/** As if those of these budgets were over; all, unless it says which. */
export const endCounts = async (on: On, isOver: (key: string) => boolean = () => true): Promise<void> => {
  const keys = (await readCounts(on)).map(({ key }) => key).filter(isOver);
  await on.database
    .updateTable("rate_limits")
    .set({ expires_at: sql<Date>`now() - interval '1 second'` })
    .where("key", "in", ["", ...keys])
    .execute();
  await findRedisOfTests()?.ask(
    "DEL",
    "nothing",
    ...keys.map((key) => `${prefixOf(on.databaseName)}:${key}`),
  );
};

export const forgetCounts = async (on: On): Promise<void> => {
  await endCounts(on);
  await on.database.deleteFrom("rate_limits").execute();
};

/** As if the servers that check the points of these budgets had died a minute ago. */
export const abandonChecks = async (on: On, budget: string, count: number): Promise<void> => {
  await on.database
    .updateTable("rate_limits")
    .set({ in_flight: count, in_flight_until: sql<Date>`now() - interval '1 second'` })
    .where("key", "like", `${budget}:%`)
    .execute();
  for (const { key } of await readRedis(on))
    if (key.startsWith(`${budget}:`))
      await findRedisOfTests()?.ask(
        "HSET",
        `${prefixOf(on.databaseName)}:${key}`,
        "flying",
        String(count),
        "until",
        "1",
      );
};

const readRedis = async ({ databaseName }: On): Promise<readonly Count[]> => {
  const redis = findRedisOfTests();
  if (redis === null) return [];
  const prefix = `${prefixOf(databaseName)}:`;
  const found = await redis.ask(
    "EVAL",
    `local found = {}
     for _, key in ipairs(redis.call('KEYS', ARGV[1] .. '*')) do
       if redis.call('TYPE', key).ok == 'hash' and redis.call('HEXISTS', key, 'points') == 1 then
         local count = redis.call('HMGET', key, 'points', 'flying')
         found[#found + 1] = { key, count[1], count[2], redis.call('PTTL', key) }
       end
     end
     return found`,
    "0",
    prefix,
  );
  return (found as readonly (readonly unknown[])[]).map(([key, points, flying, left]) => ({
    key: String(key).slice(prefix.length),
    points: Number(points),
    flying: Number(flying),
    left: Number(left),
  }));
};
