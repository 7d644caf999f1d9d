// Watches a migration: tells who holds a lock that it waits for, and ends it at a signal or when the wait is too long.
import type pg from "pg";
import { seconds, toSeconds } from "../../time.ts";
import { Client } from "../connecting/client.ts";
import { listenerOptions, type Route } from "../connecting/connection.ts";
import { destroyClient } from "../connecting/silence.ts";
import { createTeller, untilSignal, type Waiting } from "../waiting.ts";

const lookEvery = seconds(2);

interface Holder {
  readonly pid: number;
  /** The `application_name` of its connection. */
  readonly application: string | null;
  readonly role: string | null;
  /** The start of its transaction or its connection. Null: we may not see it. */
  readonly since: Date | null;
}

interface Watched {
  readonly target: Route;
  /** The `application_name` that only the connections of this migration have. */
  readonly applicationName: string;
  readonly waiting: Waiting;
}

/** Throws what `migrate` throws; or one readable line, after the statements of the migration have been ended. */
export async function watchMigration<Value>(
  { target, applicationName, waiting }: Watched,
  migrate: () => Promise<Value>,
): Promise<Value> {
  const client = new Client(listenerOptions(target));
  client.on("error", () => undefined);
  const given = new AbortController();
  const connected = client.connect().then(
    () => true,
    // Without a connection to look with, the migration itself tells what is wrong.
    () => false,
  );
  const tell = createTeller(waiting, "waiting for a lock to migrate");
  let blockedSince: number | null = null;

  const look = async () => {
    const holder = (await connected) ? await findHolder(client, applicationName) : null;
    if (holder === null) {
      blockedSince = null;
      return;
    }
    blockedSince ??= performance.now() - lookEvery;
    tell({ ...holder });
    if (performance.now() - blockedSince < waiting.atMost) return;
    given.abort(
      new Error(
        `Gave up after ${toSeconds(waiting.atMost)} s: ${describe(holder)} holds a lock that the migration needs. Nothing was changed.`,
      ),
    );
  };
  let isLooking = false;
  const timer = setInterval(async () => {
    if (isLooking) return;
    isLooking = true;
    await look().catch(() => undefined);
    isLooking = false;
  }, lookEvery);
  try {
    return await untilSignal(AbortSignal.any([given.signal, waiting.signal]), migrate());
  } catch (error) {
    // A statement that goes on waiting would block everybody who needs the table after it.
    if ((given.signal.aborted || waiting.signal.aborted) && (await connected))
      await endStatements(client, applicationName).catch(() => undefined);
    throw error;
  } finally {
    clearInterval(timer);
    destroyClient(client);
  }
}

/** Null when nothing is waited for. Who holds a lock comes before who waits for it in front of us. */
const findHolder = async (client: pg.Client, applicationName: string): Promise<Holder | null> => {
  const { rows } = await client.query<Holder>(
    `select blocking.pid, holder.application_name as application, holder.usename as role,
       coalesce(holder.xact_start, holder.query_start, holder.backend_start) as since
     from pg_stat_activity waiting
       cross join lateral unnest(pg_blocking_pids(waiting.pid)) as blocking(pid)
       left join pg_stat_activity holder on holder.pid = blocking.pid
     where waiting.application_name = $1 and waiting.datname = current_database()
     order by coalesce(holder.wait_event_type = 'Lock', false), blocking.pid limit 1`,
    [applicationName],
  );
  return rows[0] ?? null;
};

const endStatements = (client: pg.Client, applicationName: string) =>
  client.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and datname = current_database()",
    [applicationName],
  );

const describe = ({ pid, application, role, since }: Holder): string =>
  [
    `process ${pid} of PostgreSQL`,
    `(${application || "no application_name"}, role ${role ?? "unknown"}, since ${since?.toISOString() ?? "unknown"})`,
  ].join(" ");
