// Redis for a command: connected once, and closed when the command ends.
import type { RedisCounts } from "../../auth/limits/counting-in-redis.ts";
import type { Config } from "../../config/config.ts";
import { seconds } from "../../time.ts";

const patience = seconds(5);

/** Null without REDIS_URL. Throws an error with a one-line message when Redis cannot be reached. */
export async function withRedisCounts<Value>(
  { redis: options }: Config,
  work: (counts: RedisCounts | null) => Promise<Value>,
): Promise<Value> {
  if (options === null) return work(null);
  const { connectWithin, createRedisClient, describeFailure, destroy, within } = await import(
    "../../redis/client.ts"
  );
  const { countInRedis } = await import("../../auth/limits/counting-in-redis.ts");
  const client = createRedisClient(options);
  const unreachable = (error: unknown) =>
    new Error(
      `Redis at ${options.host}:${options.port} does not respond (${describeFailure(error)}): what was counted there stays.`,
    );
  try {
    await connectWithin(client, patience).catch((error: unknown) => {
      throw unreachable(error);
    });
    return await work(
      countInRedis({
        prefix: options.prefix,
        run: (command) => within(patience, client, () => command(client, "")),
      }),
    );
  } finally {
    destroy(client);
  }
}
