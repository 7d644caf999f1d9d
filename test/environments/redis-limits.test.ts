// The tests of rate limits, with servers that count in Redis.
import { afterAll } from "vitest";
import { serveWithRedis, startRedis } from "../harness/redis.ts";

const redis = await startRedis();
afterAll(() => redis.stop());
serveWithRedis(redis);
await import("../auth/limits/rate-limits.test.ts");
