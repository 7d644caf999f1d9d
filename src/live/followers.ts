// Says in the database that somebody follows our own topics: without a row there, the triggers of their tables send nothing.
import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { beyondRequest } from "../database/connecting/patience.ts";
import { interval } from "../database/durations.ts";
import type { Database } from "../database/tables.ts";
import { minutes, seconds } from "../time.ts";

export interface Followers {
  /** Resolves when new rows are told of. */
  add(): Promise<void>;
  remove(): void;
  /** Call it before the database is closed. */
  close(): Promise<void>;
}

const renewEvery = seconds(20);
/** The row of a server that was killed. */
const forgottenAfter = minutes(2);

export function createFollowers(database: Database): Followers {
  const id = randomUUID();
  let count = 0;
  let timer: NodeJS.Timeout | null = null;
  let written: Promise<void> | null = null;

  const write = async () => {
    await database
      .insertInto("live_followers")
      .values({ id })
      .onConflict((row) => row.column("id").doUpdateSet({ seen_at: sql<Date>`now()` }))
      .execute();
    await database
      .deleteFrom("live_followers")
      .where("seen_at", "<", sql<Date>`now() - ${interval(forgottenAfter)}`)
      .execute();
  };
  const renew = () => void write().catch(() => undefined);
  const leave = async () => {
    if (timer !== null) clearInterval(timer);
    timer = null;
    written = null;
    // Otherwise another server deletes it, or the next follower.
    await database
      .deleteFrom("live_followers")
      .where("id", "=", id)
      .execute()
      .catch(() => undefined);
  };
  let leaving: Promise<void> | null = null;

  return {
    async add() {
      count += 1;
      try {
        await leaving;
        written ??= write();
        await written;
        timer ??= beyondRequest(() => setInterval(renew, renewEvery).unref());
      } catch (error) {
        count -= 1;
        written = null;
        throw error;
      }
    },
    remove() {
      count -= 1;
      if (count === 0) leaving = leave();
    },
    async close() {
      await leaving;
    },
  };
}
