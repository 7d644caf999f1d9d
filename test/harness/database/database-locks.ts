// Locks that tests hold, to show that something does not query the database, or waits for it.
import { sql } from "kysely";
import { until } from "../mail/mail.ts";
import type { App } from "../server.ts";

/** Meanwhile every query for a viewer waits, and its request gets 503. */
export const withLockedAccounts = ({ database }: Pick<App, "database">, work: () => Promise<void>) =>
  database.transaction().execute(async (transaction) => {
    await sql`lock table users, sessions, access_tokens in access exclusive mode`.execute(transaction);
    await work();
  });

/** How many statements wait for a lock. */
export const countBlocked = async ({ database }: Pick<App, "database">): Promise<number> => {
  const waiting = sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  return (await waiting.execute(database)).rows.length;
};

export const untilBlocked = async (app: Pick<App, "database">, count = 1): Promise<void> => {
  await until(async () => (await countBlocked(app)) >= count);
};
