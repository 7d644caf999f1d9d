// How far this machine's clock is from the database's: each decides about the age of something.
import { sql } from "kysely";
import { seconds } from "../../time.ts";
import type { Database } from "../tables.ts";

/** A code of an authenticator app is valid for 30 seconds, and ID tokens of providers for little more. */
const tolerance = seconds(30);

/** Milliseconds that this clock is ahead of the database's; negative if it is behind. Null: no difference that matters. */
export async function findClockError(database: Database): Promise<number | null> {
  const before = Date.now();
  const { rows } = await sql<{ now: number }>`
    select (extract(epoch from clock_timestamp()) * 1000)::float8 as now`.execute(database);
  const after = Date.now();
  const now = rows[0]?.now ?? before;
  // The statement read it at some moment between the two.
  const ahead = now < before ? before - now : Math.min(0, after - now);
  return Math.abs(ahead) > tolerance ? ahead : null;
}
