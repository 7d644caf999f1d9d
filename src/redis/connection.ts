// Keeps one connection to Redis for short commands. While Redis is not well, each fails at once, and connecting goes on beside it.
import type { Logger } from "pino";
import type { Meter } from "../meter.ts";
import { milliseconds, minutes, seconds } from "../time.ts";
import {
  connectWithin,
  createRedisClient,
  describeFailure,
  destroy,
  type RedisClient,
  type RedisOptions,
  within,
} from "./client.ts";
import { findEviction, readState } from "./state.ts";

/** A request waits no longer for Redis, and only the requests of this moment do: afterwards the connection is given up. */
const patience = milliseconds(200);
const connectPatience = seconds(2);
const tendEvery = milliseconds(500);
const inspectEvery = seconds(5);
const tellEvery = minutes(1);

export interface RedisConnection {
  readonly prefix: string;
  /**
   * Rejects at once while Redis is unreachable, silent, or may evict what is stored. `runId` names this process of Redis: after a
   * restart it is another one.
   */
  run<Value>(work: (client: RedisClient, runId: string) => Promise<Value>): Promise<Value>;
  /** Resolves when Redis was tried for the first time. */
  readonly tried: Promise<void>;
  close(): Promise<void>;
}

export const keepRedisConnection = (
  options: RedisOptions,
  { logger, meter }: { readonly logger: Logger; readonly meter: Meter | null },
): RedisConnection => {
  let ready: { readonly client: RedisClient; readonly runId: string } | null = null;
  let connecting: RedisClient | null = null;
  let told: string | null = null;
  let toldOfRefusalAt = Number.NEGATIVE_INFINITY;
  let inspectedAt = Number.NEGATIVE_INFINITY;
  let isClosed = false;

  const tell = (text: string, details: Record<string, unknown>) => {
    if (told === text || isClosed) return;
    const isWell = text === wellLine;
    // At a start, that all is well is no news.
    if (!isWell) logger.warn(details, text);
    else if (told !== null) logger.info(details, text);
    told = text;
  };

  const lose = (client: RedisClient, error: unknown) => {
    destroy(client);
    if (ready?.client !== client && connecting !== client) return;
    ready = null;
    meter?.noteRedis(false);
    tell(silentLine, { reason: describeFailure(error) });
  };

  /** Throws when Redis cannot be used. */
  const inspect = async (client: RedisClient) => {
    const state = await within(connectPatience, client, () => readState(client));
    inspectedAt = performance.now();
    if (isClosed || !client.isReady) throw new Error("The connection was closed.");
    const eviction = findEviction(state);
    ready = eviction === null ? { client, runId: state.runId } : null;
    meter?.noteRedis(eviction === null);
    if (eviction === null) tell(wellLine, {});
    else tell(evictionLine, { policy: eviction });
  };

  const connect = async () => {
    const client = createRedisClient(options);
    connecting = client;
    client.on("error", (error) => lose(client, error));
    client.on("end", () => lose(client, new Error("The connection was closed.")));
    try {
      await connectWithin(client, connectPatience);
      await inspect(client);
    } catch (error) {
      lose(client, error);
    }
  };

  let running: Promise<void> | null = null;
  const tend = () => {
    if (isClosed || running !== null) return;
    const client = connecting;
    const isConnected = client?.isReady === true;
    if (isConnected && performance.now() - inspectedAt < inspectEvery) return;
    // Regularly, because a Redis that nobody asks may be frozen, and its settings may be changed.
    const work = isConnected ? inspect(client).catch((error: unknown) => lose(client, error)) : connect();
    running = work.finally(() => {
      running = null;
    });
  };
  const timer = setInterval(tend, tendEvery).unref();
  tend();
  const tried = running ?? Promise.resolve();

  const refuse = (error: unknown) => {
    const now = performance.now();
    if (now - toldOfRefusalAt < tellEvery || isClosed) return;
    toldOfRefusalAt = now;
    logger.warn({ reason: describeFailure(error) }, refusalLine);
  };

  return {
    prefix: options.prefix,
    tried,
    async run(work) {
      if (ready === null) throw new Error("Redis is not available.");
      const { client, runId } = ready;
      try {
        return await within(patience, client, () => work(client, runId));
      } catch (error) {
        if (client.isReady) refuse(error);
        else lose(client, error);
        throw error;
      }
    },
    async close() {
      isClosed = true;
      clearInterval(timer);
      if (connecting !== null) destroy(connecting);
      ready = null;
      await running;
    },
  };
};

const wellLine = "Redis responds: rate limits count there";
const silentLine = "Redis does not respond: rate limits count in PostgreSQL";
const evictionLine =
  "Redis may evict counts: rate limits count in PostgreSQL until maxmemory-policy is noeviction";
const refusalLine = "Redis refuses to count: rate limits count in PostgreSQL";
