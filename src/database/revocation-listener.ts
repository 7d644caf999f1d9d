// Hears from PostgreSQL whose credentials were revoked, and knows whether it would have heard.
import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import type pg from "pg";
import { seconds } from "../time.ts";
import type { Database } from "./tables.ts";

const channel = "graphward_revocations";
const beatEvery = seconds(1);
const deafAfter = seconds(3);

export interface RevocationListener {
  /**
   * True while a beat that was sent less than three seconds ago has been heard: notices arrive in the order of their
   * commits, so every revocation committed before that beat has been heard too.
   */
  isFresh(): boolean;
  close(): Promise<void>;
}

export const listenForRevocations = (options: {
  readonly connect: () => pg.Client;
  /** Beats go the way of all writes: a listener left on an old primary would hear its own for ever. */
  readonly database: Database;
  readonly onRevoked: (userId: string | "*") => void;
}): RevocationListener => {
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
    return dropped?.end().catch(() => undefined);
  };

  const hear = (sentAt: number) => {
    // What was read while nobody listened may be older than a revocation that nobody heard.
    if (!isFresh()) options.onRevoked("*");
    heardBeatOf = Math.max(heardBeatOf, sentAt);
  };

  const open = async () => {
    const opened = options.connect();
    client = opened;
    connectedAt = performance.now();
    opened.on("error", () => client === opened && drop());
    opened.on("end", () => client === opened && drop());
    opened.on("notification", ({ payload = "" }) => {
      if (!payload.startsWith("beat ")) options.onRevoked(payload);
      else if (payload.startsWith(beat)) hear(Number(payload.slice(beat.length)));
    });
    await connectUnlessEnded(opened);
    await opened.query(`listen ${channel}`);
    await requireTriggers(opened);
  };

  const tick = async () => {
    // Connected and yet deaf: the other side may be gone without a word.
    if (client !== null && !isFresh() && performance.now() - connectedAt > deafAfter) void drop();
    // What fails here is tried again at the next tick; until a beat is heard, every request asks the database.
    if (client === null && !isClosed) await open().catch(() => void drop());
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
      await drop();
      await running;
    },
  };
};

/** pg forgets whoever waits for a connection that is ended while it is being made: a server that stops then would hang. */
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

/** Tables that are not migrated yet, or whose triggers somebody switched off, tell nothing: then nothing may be kept. */
const requireTriggers = async (client: pg.Client): Promise<void> => {
  const { rows } = await client.query<{ count: number }>(
    "select count(*)::int from pg_trigger where tgname = any($1) and tgenabled in ('O', 'A')",
    [triggers],
  );
  if (rows[0]?.count !== triggers.length)
    throw new Error("The triggers that tell of revocations are not there.");
};
