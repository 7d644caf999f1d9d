// Counts points of budgets in Redis, on its clock, by the rules of counting.ts. A Redis that may have forgotten counts nothing.
import { createHash } from "node:crypto";
import type { RedisConnection } from "../../redis/connection.ts";
import { maxFlight, type Row, type Spending } from "./counting.ts";

/** Each rejects when it did not count: then PostgreSQL does. */
export interface RedisCounts {
  /** Undefined: a check that is still going on may free the budget, so nothing was spent. */
  spend(spending: Spending): Promise<Row | undefined>;
  /** Spends nothing of `next` when all of `own` was spent, or may get free. */
  spendBoth(
    own: Spending,
    next: Spending,
  ): Promise<{ readonly own: Row | undefined; readonly next: Row | undefined }>;
  /** Until `duration` has passed, all is spent. */
  block(spending: Omit<Spending, "points">): Promise<void>;
  refund(key: string, max: number): Promise<void>;
  settle(key: string): Promise<void>;
  /** Forgets all points but those of other checks that still go on. */
  clear(key: string): Promise<void>;
  /** With the counts of its browsers. Returns how many counts there were. */
  forget(keys: readonly string[]): Promise<number>;
}

export const countInRedis = ({ run, prefix }: Pick<RedisConnection, "run" | "prefix">): RedisCounts => {
  const named = (key: string) => `${prefix}:${key}`;
  const memory = named("memory");
  /** Keys of one script: the memory's, and those of the counts. */
  const evaluate = (action: string, keys: readonly string[], values: readonly (string | number)[]) =>
    run(async (client, runId) => {
      const options = {
        keys: [memory, ...keys.map(named)],
        arguments: [action, runId, ...values.map(String)],
      };
      const reply = await client
        .evalSha(digest, options)
        // A script is forgotten with everything else.
        .catch((error: unknown) => {
          if (error instanceof Error && error.message.startsWith("NOSCRIPT"))
            return client.eval(script, options);
          throw error;
        });
      return reply as unknown as number | readonly number[];
    });
  const spend = async (spendings: readonly Spending[]): Promise<readonly (Row | undefined)[]> => {
    const reply = await evaluate(
      "spend",
      spendings.flatMap(({ key }) => [key, indexOf(key)]),
      spendings.flatMap(({ points, max, duration, isSettled }) => [points, max, duration, isSettled ? 1 : 0]),
    );
    // Not a failure of Redis, and yet it must not count: see docs/decisions/redis.md.
    if (typeof reply === "number") throw new Error("Redis may have forgotten what was counted.");
    return spendings.map((_, index) => {
      const [points, left] = [reply[2 * index], reply[2 * index + 1]];
      return points === undefined || left === undefined || points < 0 ? undefined : { points, left };
    });
  };
  return {
    async spend(spending) {
      const [row] = await spend([spending]);
      return row;
    },
    async spendBoth(first, second) {
      const [own, next] = await spend([first, second]);
      return { own, next };
    },
    async block({ key, max, duration }) {
      await evaluate("block", [key, indexOf(key)], [max + 1, duration]);
    },
    async refund(key, max) {
      await evaluate("refund", [key], [max]);
    },
    async settle(key) {
      await evaluate("settle", [key], []);
    },
    async clear(key) {
      await evaluate("clear", [key], []);
    },
    async forget(keys) {
      return Number(await evaluate("forget", [...keys, ...keys.map(indexOf)], []));
    },
  };
};

/** A set of the counts of a user's browsers, whose keys have the user's before a space. */
const indexOf = (key: string): string => `browsers:${key.split(" ")[0] ?? ""}`;

/**
 * A count is a hash: `points`, `flying` (checks whose result comes later) and `until` (when these are given up). The memory is the
 * run of Redis that has it, and `since` when: what was counted before is unknown, so a budget counts here only after it would be
 * new anyway.
 */
const script = `
local action, run = ARGV[1], ARGV[2]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function read(key)
  local count = redis.call('HMGET', key, 'points', 'flying', 'until')
  if not count[1] then return nil end
  return { points = tonumber(count[1]), flying = tonumber(count[2]), until_ = tonumber(count[3]) }
end

-- So that all browsers of a user can be forgotten: at least as long as the count itself.
local function list(key, browsers, duration)
  if not string.find(key, ' ', 1, true) then return end
  redis.call('SADD', browsers, key)
  redis.call('PEXPIRE', browsers, math.max(duration, redis.call('PTTL', browsers)))
end

local function spend(key, browsers, points, max, duration, flying)
  local count = read(key)
  if not count then
    redis.call('HSET', key, 'points', points, 'flying', flying, 'until', flying > 0 and now + ${maxFlight} or 0)
    redis.call('PEXPIRE', key, duration)
    list(key, browsers, duration)
    return points, duration
  end
  local isFlying = count.until_ > now
  if count.points == max and count.flying > 0 and isFlying then return -1, -1 end
  local flown = flying
  if count.points >= max then flown = 0 elseif isFlying then flown = count.flying + flying end
  redis.call('HSET', key, 'points', count.points + points, 'flying', flown, 'until', flying > 0 and now + ${maxFlight} or count.until_)
  return count.points + points, redis.call('PTTL', key)
end

if action == 'spend' then
  local memory = redis.call('HMGET', KEYS[1], 'run', 'since')
  if memory[1] ~= run then
    redis.call('HSET', KEYS[1], 'run', run, 'since', now)
    return 0
  end
  local known = now - tonumber(memory[2])
  for index = 3, #ARGV, 4 do
    if known < tonumber(ARGV[index + 2]) then return 0 end
  end
  local replies = {}
  for index = 3, #ARGV, 4 do
    local place = (index - 3) / 2 + 2
    local max = tonumber(ARGV[index + 1])
    local points, left = spend(KEYS[place], KEYS[place + 1], tonumber(ARGV[index]), max, tonumber(ARGV[index + 2]), tonumber(ARGV[index + 3]))
    replies[#replies + 1] = points
    replies[#replies + 1] = left
    if points < 0 or points > max then break end
  end
  return replies
end

if action == 'block' then
  redis.call('HSET', KEYS[2], 'points', ARGV[3], 'flying', 0, 'until', 0)
  redis.call('PEXPIRE', KEYS[2], ARGV[4])
  list(KEYS[2], KEYS[3], tonumber(ARGV[4]))
  return 1
end

if action == 'forget' then
  local count = 0
  local half = (#KEYS - 1) / 2
  for index = 2, #KEYS do
    if index > half + 1 then
      for _, key in ipairs(redis.call('SMEMBERS', KEYS[index])) do count = count + redis.call('DEL', key) end
      redis.call('DEL', KEYS[index])
    else
      count = count + redis.call('DEL', KEYS[index])
    end
  end
  return count
end

local count = read(KEYS[2])
if not count then return 0 end
if action == 'refund' then
  if count.points < 1 or count.points > tonumber(ARGV[3]) then return 0 end
  redis.call('HSET', KEYS[2], 'points', count.points - 1, 'flying', math.max(count.flying - 1, 0))
elseif action == 'settle' then
  if count.flying < 1 then return 0 end
  redis.call('HSET', KEYS[2], 'flying', count.flying - 1)
elseif action == 'clear' then
  local others = 0
  if count.until_ > now then others = math.max(count.flying - 1, 0) end
  if others > 0 then redis.call('HSET', KEYS[2], 'points', others, 'flying', others) else redis.call('DEL', KEYS[2]) end
end
return 1
`;

const digest = createHash("sha1").update(script).digest("hex");
