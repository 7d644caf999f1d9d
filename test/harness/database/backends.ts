// PostgreSQL's backends: counts blocked ones, and terminates them.
import { sql } from "kysely";
import type { Database } from "../../../src/database/tables.ts";

/** How many connections wait for locks of this transaction. */
export const countBlockedBy = async (transaction: Database): Promise<number> => {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from pg_stat_activity where pg_backend_pid() = any(pg_blocking_pids(pid))`.execute(
    transaction,
  );
  return rows[0]?.count ?? 0;
};

/** While `act` runs, servers of this database receive no revocation notices. */
export const withoutNotices = async (database: Database, act: () => Promise<void>): Promise<void> => {
  const { rows } = await sql<{ pid: number }>`
    select pid from pg_stat_activity where datname = current_database()
      and (query ilike 'listen graphward%' or query ilike 'select count(*)::int from pg_trigger%')`.execute(
    database,
  );
  if (rows.length === 0) throw new Error("No server listens.");
  for (const { pid } of rows) process.kill(pid, "SIGSTOP");
  try {
    await act();
  } finally {
    for (const { pid } of rows) process.kill(pid, "SIGCONT");
  }
};
