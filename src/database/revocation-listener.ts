// Listens for PostgreSQL's notices of revoked credentials, and knows whether it would have received them.
import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import type pg from "pg";
import { seconds } from "../time.ts";
import { destroyClient } from "./connecting/silence.ts";
import { channelOf } from "./own-schema.ts";
import type { Database } from "./tables.ts";

const beatEvery = seconds(1);
const deafAfter = seconds(3);

export interface RevocationListener {
  /**
   * True while a beat that was sent less than three seconds ago has been received. Notices arrive in commit
   * order, so every revocation committed before that beat has been received too.
   */
  isFresh(): boolean;
  close(): Promise<void>;
}

export const listenForRevocations = (options: {
  readonly schema: string;
  readonly connect: () => pg.Client;
  /**
   * Beats are sent like all writes: a listener still connected to an old primary would otherwise receive its
   * own beats forever.
   */
  readonly database: Database;
  readonly onRevoked: (userId: string | "*") => void;
  /** Gets the milliseconds between the sending of a beat and its arrival: a revocation takes the same way. */
  readonly onBeat: ((lag: number) => void) | null;
}): RevocationListener => {
  const channel = channelOf(options.schema);
  const beat = `beat ${randomUUID()} `;
  let client: pg.Client | null = null;
  let heardBeatOf = Number.NEGATIVE_INFINITY;
  let connectedAt = performance.now();
  let isClosed = false;
  const isFresh = () => performance.now() - heardBeatOf < deafAfter;

  const drop = () => {
    const dropped = client;
    client = null;
    heardBeatOf = Number.NEGATIVE_INFINITY;
    dropped?.removeAllListeners("notification");
    if (dropped !== null) destroyClient(dropped);
  };

  const hear = (sentAt: number) => {
    // Cached viewers may be older than a revocation that was missed while no listener was connected.
    if (!isFresh()) options.onRevoked("*");
    heardBeatOf = Math.max(heardBeatOf, sentAt);
    options.onBeat?.(performance.now() - sentAt);
  };

  const open = async () => {
    const opened = options.connect();
    client = opened;
    connectedAt = performance.now();
    opened.on("error", () => void (client === opened && drop()));
    opened.on("end", () => void (client === opened && drop()));
    opened.on("notification", ({ payload = "" }) => {
      if (!payload.startsWith("beat ")) options.onRevoked(payload);
      else if (payload.startsWith(beat)) hear(Number(payload.slice(beat.length)));
    });
    await connectUnlessEnded(opened);
    await opened.query(`listen ${channel}`);
    await requireTriggers(opened, options.schema);
  };

  const tick = async () => {
    // Connected but silent: the other end may be gone without closing the connection.
    if (client !== null && !isFresh() && performance.now() - connectedAt > deafAfter) drop();
    // A failure here is retried at the next tick; until a beat is received, every request queries the
    // database.
    if (client === null && !isClosed) await open().catch(drop);
    const sent = sql`select pg_notify(${channel}, ${beat + String(performance.now())})`.execute(
      options.database,
    );
    await sent.catch(() => undefined);
  };

  let running: Promise<void> | null = null;
  const start = () => {
    running ??= tick().finally(() => {
      running = null;
    });
  };
  const timer = setInterval(start, beatEvery);
  timer.unref();
  start();

  return {
    isFresh,
    close: async () => {
      isClosed = true;
      clearInterval(timer);
      drop();
      await running;
    },
  };
};

/** pg never settles `connect()` when the client is ended while connecting: a server that stops then would hang. */
const connectUnlessEnded = (client: pg.Client): Promise<void> =>
  new Promise((resolve, reject) => {
    client.once("end", () => reject(new Error("The connection was ended.")));
    client.connect().then(() => resolve(), reject);
  });

const triggers = [
  "sessions_deleted",
  "sessions_changed",
  "sessions_truncated",
  "access_tokens_deleted",
  "access_tokens_changed",
  "access_tokens_truncated",
  "users_changed",
];

/** Without migrated tables, or with the triggers disabled, no notice is sent: then nothing may be cached. */
const requireTriggers = async (client: pg.Client, schema: string): Promise<void> => {
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int from pg_trigger
     join pg_class on pg_class.oid = tgrelid join pg_namespace on pg_namespace.oid = relnamespace
     where tgname = any($1) and tgenabled in ('O', 'A') and nspname = $2`,
    [triggers, schema],
  );
  if (rows[0]?.count !== triggers.length)
    throw new Error("The triggers that notify revocations are missing.");
};
