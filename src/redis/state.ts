// What Redis says of itself: which process it is, and whether it forgets keys that it was told to keep.
import type { RedisClient } from "./client.ts";

export interface RedisState {
  /** New at each start of Redis, and on each replica. */
  readonly runId: string;
  /** Null: no maximum is set. */
  readonly maxMemory: number | null;
  readonly evictionPolicy: string;
}

/** Throws when Redis does not say it: then nobody would notice that it was restarted. */
export async function readState(client: RedisClient): Promise<RedisState> {
  const [server, memory] = await Promise.all([client.info("server"), client.info("memory")]);
  const runId = fieldOf(String(server), "run_id");
  if (runId === null) throw new Error("Redis does not say its run_id.");
  return {
    runId,
    maxMemory: Number(fieldOf(String(memory), "maxmemory")) || null,
    evictionPolicy: fieldOf(String(memory), "maxmemory_policy") ?? "unknown",
  };
}

/**
 * The policy, when it is dangerous: an attacker who tries many names would push out the counts of the one name that matters. Null:
 * counts stay until they end.
 */
export function findEviction({ maxMemory, evictionPolicy }: RedisState): string | null {
  return maxMemory === null || evictionPolicy === "noeviction" ? null : evictionPolicy;
}

const fieldOf = (info: string, name: string): string | null =>
  new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1] ?? null;
