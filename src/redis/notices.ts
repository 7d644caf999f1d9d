// Notices by way of Redis: one server listens to PostgreSQL and relays what it hears, in order, and all servers subscribe.
import { createHmac, type KeyObject, randomUUID, timingSafeEqual } from "node:crypto";
import { destroyClient } from "../database/connecting/silence.ts";
import type { NoticeKind, NoticeTransport } from "../database/notices/notices.ts";
import { listenAlone } from "../database/notices/postgres.ts";
import type { OpenDatabase } from "../database/open.ts";
import { milliseconds, seconds } from "../time.ts";
import {
  connectWithin,
  createRedisClient,
  destroy,
  type RedisClient,
  type RedisOptions,
  within,
} from "./client.ts";

const patience = seconds(2);
/** Beats come each second. Another relay may begin before the servers lose trust in their caches. */
const longSilence = milliseconds(1800);
/** Then this server has lost its trust anyway. */
const endOfRelay = seconds(3);

export const createRedisNotices = (
  options: RedisOptions,
  {
    opened: { schema, createClient },
    keys,
  }: {
    readonly opened: Pick<OpenDatabase, "schema" | "createClient">;
    /** The first signs, all verify: who may publish in Redis must not say that nothing was revoked. */
    readonly keys: readonly KeyObject[];
  },
): NoticeTransport => {
  const channel = `${options.prefix}:${schema}:notices`;
  let subscriber: RedisClient | null = null;
  let relay: Relay | null = null;
  let starting: Promise<void> | null = null;

  let stopping: Promise<void> | null = null;
  const stopRelay = () => {
    stopping = relay?.stop() ?? stopping;
    relay = null;
  };
  const tryToRelay = async () => {
    const started = await startRelay({ options, channel, schema, createClient, key: keys[0] });
    // Meanwhile the connection was lost, or the server is closing.
    if (subscriber === null) await started?.stop();
    else relay = started;
  };

  return {
    async connect({ onNotice, onGap, onEnd }) {
      const client = createRedisClient(options);
      subscriber = client;
      const end = () => void (subscriber === client && onEnd());
      client.on("error", end);
      client.on("end", end);
      let last: { readonly relay: string; readonly number: number } | null = null;
      await connectWithin(client, patience);
      const subscribed = client.subscribe(channel, (text) => {
        if (subscriber !== client) return;
        const message = openMessage(text, keys);
        if (message === null) return;
        // A new relay did not hear what the last one may have kept to itself, and Redis may drop messages.
        const isNext = last?.relay === message.relay && last.number + 1 === message.number;
        last = message;
        if (!isNext || message.kind === "end") onGap();
        if (message.kind !== "end") onNotice(message.kind, message.payload);
      });
      await within(patience, client, () => subscribed);
    },
    disconnect() {
      stopRelay();
      const dropped = subscriber;
      subscriber = null;
      if (dropped !== null) destroy(dropped);
    },
    tend(silence) {
      if (relay?.hasStopped() === true) relay = null;
      if (relay !== null) {
        // It may listen to an old primary, or publish where nobody subscribes.
        if (silence > endOfRelay && relay.age() > endOfRelay) stopRelay();
        else relay.tend();
      } else if (subscriber?.isReady === true && silence > longSilence)
        starting ??= tryToRelay()
          .catch(() => undefined)
          .finally(() => {
            starting = null;
          });
    },
    async settle() {
      await starting;
      await stopping;
    },
  };
};

interface Relay {
  readonly tend: () => void;
  readonly age: () => number;
  readonly hasStopped: () => boolean;
  readonly stop: () => Promise<void>;
}

/**
 * One connection to PostgreSQL and one to Redis, which end together: a notice that one of them lost is a new relay. Null when
 * another server relays.
 */
const startRelay = async ({
  options,
  channel,
  schema,
  createClient,
  key,
}: {
  readonly options: RedisOptions;
  readonly channel: string;
  readonly schema: string;
  readonly createClient: OpenDatabase["createClient"];
  readonly key: KeyObject | undefined;
}): Promise<Relay | null> => {
  if (key === undefined) throw new Error("A relay needs a key.");
  const publisher = createRedisClient(options);
  const client = createClient();
  const startedAt = performance.now();
  const id = randomUUID();
  let number = 0;
  let hasStopped = false;
  const send = (kind: Message["kind"], payload: string) => {
    number += 1;
    const message = signMessage({ relay: id, number, kind, payload }, key);
    return within(patience, publisher, () => publisher.publish(channel, message));
  };
  const stop = async () => {
    if (hasStopped) return;
    hasStopped = true;
    destroyClient(client);
    // Otherwise the servers would learn it only from the silence.
    if (number > 0 && publisher.isReady) await send("end", "").catch(() => undefined);
    destroy(publisher);
  };
  const stopSoon = () => void stop();
  const publish = (kind: NoticeKind, payload: string) => {
    // One connection keeps the order. After a failure, what follows must not be taken for all.
    if (!hasStopped) send(kind, payload).catch(stopSoon);
  };
  client.on("error", stopSoon);
  client.on("end", stopSoon);
  publisher.on("error", stopSoon);
  publisher.on("end", stopSoon);
  try {
    await connectWithin(publisher, patience);
    if (await listenAlone(client, { schema, onNotice: publish })) {
      if (hasStopped) throw new Error("A connection was lost.");
      const tend = () => void client.query("select 'relays notices'").catch(stopSoon);
      return { tend, age: () => performance.now() - startedAt, hasStopped: () => hasStopped, stop };
    }
  } catch (error) {
    await stop();
    throw error;
  }
  await stop();
  return null;
};

interface Message {
  readonly relay: string;
  /** From 1 on, without a gap. */
  readonly number: number;
  /** `end`: the relay hears no more. */
  readonly kind: NoticeKind | "end";
  readonly payload: string;
}

const signMessage = ({ relay, number, kind, payload }: Message, key: KeyObject): string => {
  const text = `${relay} ${number} ${kind} ${payload}`;
  return `${macOf(text, key)} ${text}`;
};

const openMessage = (signed: string, keys: readonly KeyObject[]): Message | null => {
  const [, mac = "", text = ""] = /^([\w-]{43}) (.*)$/s.exec(signed) ?? [];
  const isOurs = keys.some((key) => isEqual(mac, macOf(text, key)));
  const [, relay, number, kind, payload] = /^(\S+) (\d+) (revocation|event|end) (.*)$/s.exec(text) ?? [];
  if (!isOurs || relay === undefined || payload === undefined) return null;
  return { relay, number: Number(number), kind: kind as Message["kind"], payload };
};

const macOf = (text: string, key: KeyObject): string =>
  createHmac("sha256", key).update(text).digest("base64url");

const isEqual = (left: string, right: string): boolean =>
  left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
