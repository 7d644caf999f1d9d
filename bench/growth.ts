// What takes longer with more rows: listing one's own sessions, and pruning expired ones.
import { Kysely, PostgresDialect } from "kysely";
import type pg from "pg";
import { pruneSessions } from "../src/auth/sessions/rows.ts";
import type { Tables } from "../src/database/tables.ts";
import { openConnection } from "./loads/connection.ts";
import { fillSessions } from "./rows/session.ts";
import type { Server } from "./servers/server.ts";
import { tell } from "./setting.ts";
import { median } from "./statistics.ts";
import { countCell } from "./table.ts";

export interface Growth {
  readonly rows: number;
  readonly listing: number;
  readonly pruning: number;
}

const listings = 200;
const expiredShare = 0.5;

export const measureGrowth = async (
  server: Server,
  database: pg.Pool,
  sizes: readonly number[],
): Promise<readonly Growth[]> => {
  const results: Growth[] = [];
  for (const rows of sizes) {
    tell(`${countCell(rows)} rows`);
    const [token = ""] = await fillSessions(database, { count: rows, tokens: 1, expiredShare });
    const listing = await timeListing(server, token);
    results.push({ rows, listing, pruning: await timePruning(database, rows * expiredShare) });
  }
  return results;
};

const timeListing = async (server: Server, token: string): Promise<number> => {
  const ask = openConnection(server.url);
  const times: number[] = [];
  for (let index = 0; index < listings; index++) {
    const start = performance.now();
    const { status, text } = await ask("{ sessions { id createdAt current } }", token);
    times.push(performance.now() - start);
    if (status !== 200 || !text.includes('"current":true'))
      throw new Error(`The list of sessions is answered with ${status}: ${text}`);
  }
  return median(times) ?? 0;
};

/** Calls the function of `graphward prune`, without the start of the command. */
const timePruning = async (database: pg.Pool, expected: number): Promise<number> => {
  const kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: database }) });
  const start = performance.now();
  const deleted = await pruneSessions(kysely);
  const time = performance.now() - start;
  if (deleted !== expected) throw new Error(`${deleted} sessions were pruned, not ${expected}.`);
  return time;
};
