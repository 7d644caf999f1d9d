import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { limitWaits } from "../../src/database/connecting/patience.ts";
import { isDatabaseUnavailable } from "../../src/database/failures.ts";
import { type DatabaseAlone, openDatabaseAlone } from "../harness/database/database.ts";

let alone: DatabaseAlone;
beforeAll(async () => {
  alone = await openDatabaseAlone();
});
afterAll(() => alone.close());

const slowly = () => sql`select pg_sleep(2)`.execute(alone.database);
const inTurn = async () => {
  for (let count = 0; count < 3; count += 1) await slowly();
};
const findError = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

test.concurrent("slow statements of one request add up, one after the other", async () => {
  const failed = await limitWaits(
    () => false,
    () => findError(inTurn()),
  );
  expect(isDatabaseUnavailable(failed)).toBe(true);
});

test.concurrent("they do not add up at the same time, nor outside of requests", async () => {
  const together = limitWaits(
    () => false,
    () => Promise.all([slowly(), slowly(), slowly()]),
  );
  await expect(Promise.all([together, inTurn()])).resolves.toBeDefined();
});

test.concurrent("they do not add up once the response has begun, as that of a stream", async () => {
  await expect(limitWaits(() => true, inTurn)).resolves.toBeUndefined();
});

test("a transaction that is out of time is rolled back, and its connection serves on", async () => {
  let pid = 0;
  const failed = await limitWaits(
    () => false,
    () =>
      findError(
        alone.database.transaction().execute(async (transaction) => {
          const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(transaction);
          pid = rows[0]?.pid ?? 0;
          // On another connection.
          await findError(inTurn());
          for (;;) await sql`select 1`.execute(transaction);
        }),
      ),
  );
  expect(isDatabaseUnavailable(failed)).toBe(true);
  // This statement runs on it too.
  const { rows } = await sql`select state from pg_stat_activity where pid = ${pid}`.execute(alone.database);
  expect(rows).toEqual([{ state: "active" }]);
});
