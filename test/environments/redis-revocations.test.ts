// The tests of the viewer cache, of revocations and of events, with servers whose notices come by way of Redis.
import { afterAll } from "vitest";
import { serveWithRedis, startRedis } from "../harness/redis.ts";

const redis = await startRedis();
afterAll(() => redis.stop());
serveWithRedis(redis);
await import("../auth/authentication/cache.test.ts");
