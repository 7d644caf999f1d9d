// Redis for a server: a connection for counts, and the way of notices. Nothing that it holds is the truth.
import type { KeyObject } from "node:crypto";
import type { Logger } from "pino";
import type { NoticeTransport } from "../database/notices/notices.ts";
import type { OpenDatabase } from "../database/open.ts";
import type { Meter } from "../meter.ts";
import type { RedisOptions } from "./client.ts";
import { keepRedisConnection, type RedisConnection } from "./connection.ts";
import { createRedisNotices } from "./notices.ts";

export interface OpenRedis {
  readonly connection: RedisConnection;
  readonly notices: (parts: {
    readonly opened: Pick<OpenDatabase, "schema" | "createClient">;
    readonly keys: readonly KeyObject[];
  }) => NoticeTransport;
  close(): Promise<void>;
}

/** Tries once. A server starts without Redis too. */
export async function openRedis(
  options: RedisOptions,
  observers: { readonly logger: Logger; readonly meter: Meter | null },
): Promise<OpenRedis> {
  const connection = keepRedisConnection(options, observers);
  // Otherwise the first requests would be counted in PostgreSQL, and the next ones in Redis.
  await connection.tried;
  return {
    connection,
    notices: (parts) => createRedisNotices(options, parts),
    close: () => connection.close(),
  };
}
