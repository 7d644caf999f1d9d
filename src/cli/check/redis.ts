// What `graphward check` finds when it asks Redis what it says of itself.
import type { Config } from "../../config/config.ts";
import type { Finding } from "../../config/review.ts";
import { seconds } from "../../time.ts";

const patience = seconds(3);

/** Reads only. */
export async function reviewRedis({ redis: options }: Pick<Config, "redis">): Promise<Finding[]> {
  if (options === null) return [];
  const { connectWithin, createRedisClient, describeFailure, destroy, within } = await import(
    "../../redis/client.ts"
  );
  const { findEviction, readState } = await import("../../redis/state.ts");
  const client = createRedisClient(options);
  try {
    await connectWithin(client, patience);
    const eviction = findEviction(await within(patience, client, () => readState(client)));
    return eviction === null
      ? []
      : [
          warning(
            `has maxmemory-policy ${eviction}: an attacker who tries many names could push out counts, so servers count in PostgreSQL; set noeviction`,
          ),
        ];
  } catch (error) {
    return [
      warning(
        `does not work (${describeFailure(error)}): servers start without it, and count rate limits in PostgreSQL`,
      ),
    ];
  } finally {
    destroy(client);
  }
}

const warning = (text: string): Finding => ({ severity: "warning", name: "REDIS_URL", text });
