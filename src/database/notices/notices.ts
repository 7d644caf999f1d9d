// Hears what PostgreSQL notifies: revoked credentials and live events, and knows whether it would have heard them.
import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { seconds } from "../../time.ts";
import { beyondRequest } from "../connecting/patience.ts";
import { channelOf } from "../own-schema.ts";
import type { Database } from "../tables.ts";

const beatEvery = seconds(1);
const deafAfter = seconds(3);

export interface NoticeConsumer {
  /** `*`: everybody's, also because some may have been missed. */
  onRevoked?(userId: string | "*"): void;
  /** Only while fresh, and in the order of the commits. */
  onEvent?(topic: string, payload: string): void;
  /** No longer fresh: notices may be missed from now on. */
  onLost?(): void;
}

export interface Notices {
  /**
   * True while a beat that was sent less than three seconds ago has been received. Notices arrive in commit
   * order, so every revocation committed before that beat has been received too.
   */
  isFresh(): boolean;
  /** Connects for the first consumer. Returns what ends it. */
  listen(consumer: NoticeConsumer): () => void;
  close(): Promise<void>;
}

export type NoticeKind = "revocation" | "event";

/** One way from PostgreSQL to this server, which keeps the order of the commits. */
export interface NoticeTransport {
  /** Once connected, no notice is missed until `onEnd`. Resolves only if notices are sent at all. */
  connect(handlers: {
    onNotice(kind: NoticeKind, payload: string): void;
    /** Some may have been missed, although the connection goes on. */
    onGap(): void;
    onEnd(): void;
  }): Promise<void>;
  disconnect(): void;
  /** Called each second, with the milliseconds since the last beat that has come back was sent. */
  tend?(silence: number): void;
  /** Resolves when nothing runs any more. Called after the last `disconnect()`. */
  settle?(): Promise<void>;
}

export const createNotices = (options: {
  readonly schema: string;
  readonly transport: NoticeTransport;
  /**
   * Beats are sent like all writes: a listener still connected to an old primary would otherwise receive its
   * own beats forever.
   */
  readonly database: Database;
  /** Gets the milliseconds between the sending of a beat and its arrival: a revocation takes the same way. */
  readonly onBeat: ((lag: number) => void) | null;
}): Notices => {
  const { transport, database, onBeat } = options;
  const channel = channelOf(options.schema);
  const beat = `beat ${randomUUID()} `;
  const consumers = new Set<NoticeConsumer>();
  let isConnected = false;
  let connectedAt = Number.NEGATIVE_INFINITY;
  let heardBeatOf = Number.NEGATIVE_INFINITY;
  let hasLapsed = true;
  let lapsing: NodeJS.Timeout | null = null;
  let isClosed = false;
  const isFresh = () => performance.now() - heardBeatOf < deafAfter;

  const lapse = () => {
    heardBeatOf = Number.NEGATIVE_INFINITY;
    if (lapsing !== null) clearTimeout(lapsing);
    if (hasLapsed) return;
    hasLapsed = true;
    for (const consumer of consumers) consumer.onLost?.();
  };

  const drop = () => {
    isConnected = false;
    transport.disconnect();
    lapse();
  };

  const revoke = (userId: string) => {
    for (const consumer of consumers) consumer.onRevoked?.(userId);
  };

  const hear = (sentAt: number) => {
    if (!isFresh()) {
      lapse();
      // What a consumer knows may be older than a revocation that was missed while nothing was heard.
      revoke("*");
    }
    heardBeatOf = Math.max(heardBeatOf, sentAt);
    onBeat?.(performance.now() - sentAt);
    if (!isFresh()) return;
    hasLapsed = false;
    if (lapsing !== null) clearTimeout(lapsing);
    lapsing = setTimeout(lapse, heardBeatOf + deafAfter - performance.now()).unref();
  };

  const receive = (kind: NoticeKind, payload: string) => {
    if (kind === "event") {
      const end = payload.indexOf(" ");
      const [topic, content] = [payload.slice(0, end), payload.slice(end + 1)];
      // A stream must not get what its user lost the right to see more than three seconds ago.
      if (isFresh()) for (const consumer of consumers) consumer.onEvent?.(topic, content);
    } else if (!payload.startsWith("beat ")) revoke(payload);
    else if (payload.startsWith(beat))
      // Every role of the database may send notices and hear ours: one of the future would be trusted for ever.
      hear(Math.min(Number(payload.slice(beat.length)), performance.now()));
  };

  const connect = async () => {
    isConnected = true;
    connectedAt = performance.now();
    await transport.connect({
      onNotice: receive,
      onGap() {
        lapse();
        revoke("*");
      },
      onEnd: drop,
    });
  };

  const tick = async () => {
    // Connected but silent: the other end may be gone without closing the connection.
    if (isConnected && !isFresh() && performance.now() - connectedAt > deafAfter) drop();
    // A failure here is retried at the next tick; until a beat is received, every request queries the
    // database.
    if (!isConnected && !isClosed) await connect().catch(drop);
    if (isConnected) transport.tend?.(performance.now() - heardBeatOf);
    const sent = sql`select pg_notify(${channel}, ${beat + String(performance.now())})`.execute(database);
    await sent.catch(() => undefined);
  };

  let running: Promise<void> | null = null;
  const start = () => {
    running ??= tick().finally(() => {
      running = null;
    });
  };
  let timer: NodeJS.Timeout | null = null;

  return {
    isFresh,
    listen(consumer) {
      consumers.add(consumer);
      if (timer === null && !isClosed) {
        // The first one may be a request's.
        beyondRequest(() => {
          timer = setInterval(start, beatEvery).unref();
          start();
        });
      }
      return () => void consumers.delete(consumer);
    },
    async close() {
      isClosed = true;
      if (timer !== null) clearInterval(timer);
      drop();
      await running;
      drop();
      await transport.settle?.();
    },
  };
};
