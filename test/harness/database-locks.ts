// Shows that something asks the database nothing.
import { sql } from "kysely";
import type { App } from "./server.ts";

/** Meanwhile every query about who is calling waits, and whoever makes one is answered 503. */
export const withLockedAccounts = ({ database }: Pick<App, "database">, work: () => Promise<void>) =>
  database.transaction().execute(async (transaction) => {
    await sql`lock table users, sessions, access_tokens in access exclusive mode`.execute(transaction);
    await work();
  });
