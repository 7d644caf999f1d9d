import { setTimeout as pause } from "node:timers/promises";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createRefusals } from "../../src/auth/audit/refusals.ts";
import { noClient } from "../../src/auth/viewer/client.ts";
import { readConfig } from "../../src/config/config.ts";
import { createPool, impatientOptions } from "../../src/database/connecting/connection.ts";
import { countWait, findTimeLeft, limitWaits } from "../../src/database/connecting/patience.ts";
import { createNotices } from "../../src/database/notices/notices.ts";
import { listenOnPostgres } from "../../src/database/notices/postgres.ts";
import { openDatabase } from "../../src/database/open.ts";
import { AuditEventType } from "../../src/entities/audit-event-type.ts";
import { createFollowers } from "../../src/live/followers.ts";
import { createOpenStreams } from "../../src/live/open-streams.ts";
import { type DatabaseAlone, openDatabaseAlone, routeTo } from "../harness/database/database.ts";

let alone: DatabaseAlone;
beforeAll(async () => {
  alone = await openDatabaseAlone();
});
afterAll(() => alone.close());

/** A request that never begins to answer, as when its client has left, and whose time for the database is used up. */
const inLostRequest = (work: () => unknown) =>
  limitWaits(
    () => false,
    async () => {
      await countWait(pause(4600));
      expect(findTimeLeft()).toBeLessThanOrEqual(0);
      return work();
    },
  );

test("the listener that a request begins hears on when that request is out of time", async () => {
  const { schema, createClient, close } = await openDatabase(
    readConfig({ DATABASE_URL: alone.config.databaseUrl }),
  );
  const transport = listenOnPostgres({ schema, connect: createClient });
  const listener = createNotices({ schema, transport, database: alone.database, onBeat: null });
  await inLostRequest(() => listener.listen({}));
  await expect.poll(() => listener.isFresh()).toBe(true);
  await listener.close();
  await close();
});

test.concurrent("a refusal that such a request records is written", async () => {
  const errors: unknown[] = [];
  const refusals = createRefusals({ database: alone.database, onError: (error) => errors.push(error) });
  const type = AuditEventType.LOGIN_FAILED;
  await inLostRequest(() => refusals.record({ type, userId: null, actorId: null, client: noClient }));
  await refusals.close();
  expect(errors).toEqual([]);
});

test("what such a request begins for all streams has time", async () => {
  const original = setInterval;
  const quickly = vi
    .spyOn(globalThis, "setInterval")
    .mockImplementation(((work: () => void) => original(work, 100)) as typeof setInterval);
  const followers = createFollowers(alone.database);
  const streams = createOpenStreams({ ofCredential: 10, ofUser: 10, ofServer: 10 });
  const place = streams.reserve({ credential: "a", userId: null, impersonatorId: null });
  const times: number[] = [];
  await limitWaits(
    () => false,
    async () => {
      await followers.add();
      await countWait(pause(4600));
      if (typeof place === "object")
        place.take({
          endsAt: Number.POSITIVE_INFINITY,
          checkAt: 0,
          recheck: async () => void times.push(findTimeLeft()),
          beat: () => undefined,
          end: () => undefined,
        });
    },
  );
  quickly.mockRestore();
  await sql`delete from graphward.live_followers`.execute(alone.database);
  const rows = async () =>
    (await sql`select from graphward.live_followers`.execute(alone.database)).rows.length;
  await expect.poll(rows).toBe(1);
  await expect.poll(() => times).toEqual([Number.POSITIVE_INFINITY]);
  if (typeof place === "object") place.leave();
  followers.remove();
  await followers.close();
});

test.concurrent("a connection that the pool makes for the next request does not fail because the last one is out of time", async () => {
  const route = { ...routeTo(alone.config.databaseUrl), pooling: "session" } as const;
  const pool = createPool(impatientOptions(route), 1);
  const [isOut, isWaiting] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const lost = limitWaits(
    () => false,
    async () => {
      const first = await pool.connect();
      await countWait(pause(4600));
      isOut.resolve();
      await isWaiting.promise;
      first.release(true);
    },
  );
  await isOut.promise;
  const connecting = pool.connect();
  isWaiting.resolve();
  await lost;
  const second = await connecting;
  expect((await second.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  second.release();
  await pool.end();
});
