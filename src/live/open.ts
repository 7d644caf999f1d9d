// Live: the events and the streams of this server, and what it hears of the others.
import { setTimeout as pause } from "node:timers/promises";
import type { Notices } from "../database/notices/notices.ts";
import type { Database } from "../database/tables.ts";
import type { PromiseOrValue } from "../promise-or-value.ts";
import { milliseconds, seconds } from "../time.ts";
import { createFollowers } from "./followers.ts";
import { createOpenStreams, type OpenStreams, usualStreamBounds } from "./open-streams.ts";
import { readPayload } from "./payloads.ts";
import { createTopics, isOfGraphward, ownTopics, type TopicAddress, type Topics } from "./topics.ts";

export interface Live {
  /** The events of these topics, until the iterator's `return`. */
  follow(addresses: readonly TopicAddress[]): PromiseOrValue<AsyncIterable<unknown>>;
  readonly streams: OpenStreams;
  /** Whether a stream may be opened now. Waits a moment for the first one of a server that has listened to nothing yet. */
  isReady(): Promise<boolean>;
  /** Whether every revocation until now has been heard, and none will be missed. Ask again when a stream has its place. */
  isHearing(): boolean;
  /** Ends all streams, and opens no other. */
  stop(): void;
  /** Call it before the database is closed. */
  close(): Promise<void>;
}

const lookEvery = milliseconds(20);
/** As long as a lost connection takes to be back. */
const maxWait = seconds(3);

export function createLive(database: Database, notices: Notices, maxStreams: number): Live {
  const topics: Topics = createTopics();
  const followers = createFollowers(database);
  const streams = createOpenStreams({ ...usualStreamBounds, ofServer: maxStreams });
  let isListening = false;
  let hasStopped = false;

  const listen = () => {
    if (isListening) return;
    isListening = true;
    notices.listen({
      onRevoked: (userId) => {
        streams.recheck(userId);
        // Nobody knows whose sessions have ended: each list is read again.
        if (userId === "*") topics.deliverToAll(ownTopics.sessions, changed);
        else topics.deliver({ topic: ownTopics.sessions, id: userId }, changed);
      },
      // A stream must not outlive its session because the notice of its end was lost.
      onLost: () => streams.endAll("retry"),
      onEvent: (topic, text) => {
        const payload = readPayload(text);
        if (payload === null) return;
        const value = frozen(payload.value);
        topics.deliver({ topic, id: payload.id }, value);
        // Ours are for one user, and for those who see everybody's.
        if (payload.id !== null && isOfGraphward(topic)) topics.deliver({ topic, id: null }, value);
      },
    });
  };
  const isHearing = () => !hasStopped && notices.isFresh();

  return {
    follow(addresses) {
      if (!addresses.some(({ topic }) => isOfGraphward(topic))) return topics.listen(addresses);
      return followers.add().then(() => topics.listen(addresses, followers.remove));
    },
    streams,
    isHearing,
    async isReady() {
      listen();
      const end = performance.now() + maxWait;
      while (!isHearing() && !hasStopped && performance.now() < end) await pause(lookEvery);
      return isHearing();
    },
    stop() {
      hasStopped = true;
      streams.endAll("retry");
    },
    close: followers.close,
  };
}

const changed = Object.freeze({});

/** All streams share the payload: no resolver may change what another viewer sees. */
const frozen = (value: unknown): unknown => {
  if (typeof value !== "object" || value === null) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
};
