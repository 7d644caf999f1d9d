// The topics that this server's streams listen to, and the events that wait for each stream.

export interface Topics {
  /** The iterator's `return` ends it. */
  listen(addresses: readonly TopicAddress[], onEnd?: () => void): AsyncIterable<unknown>;
  deliver(address: TopicAddress, payload: unknown): void;
  /** Whatever their id. */
  deliverToAll(topic: string, payload: unknown): void;
}

export interface TopicAddress {
  readonly topic: string;
  /** Null: the events that were published without one. */
  readonly id: string | null;
}

/** Ours. The triggers of the tables send them, with the id of the user. */
export const ownTopics = { sessions: "graphward_sessions", audit: "graphward_audit" } as const;

/** Topics that an application cannot send. */
export const isOfGraphward = (topic: string): boolean => topic.startsWith("graphward_");

/** A stream whose resolvers are slower than its events: it ends, and its client opens another. */
export class TooManyEvents extends Error {
  constructor() {
    super("More events wait for a stream than it may hold.");
  }
}

/** Each is a payload that all streams share. */
const maxWaitingEvents = 1_000;

export function createTopics(): Topics {
  const listeners = new Map<string, Set<Listener>>();
  const add = (key: string, listener: Listener) => {
    const known = listeners.get(key);
    if (known === undefined) listeners.set(key, new Set([listener]));
    else known.add(listener);
  };
  const remove = (key: string, listener: Listener) => {
    const known = listeners.get(key);
    known?.delete(listener);
    if (known?.size === 0) listeners.delete(key);
  };
  return {
    listen: (addresses, onEnd) => {
      const keys = new Set(addresses.map(keyOf));
      const listener: Listener = new Listener(() => {
        for (const key of keys) remove(key, listener);
        onEnd?.();
      });
      for (const key of keys) add(key, listener);
      return { [Symbol.asyncIterator]: () => listener };
    },
    deliver: (address, payload) => {
      for (const listener of listeners.get(keyOf(address)) ?? []) listener.push(payload);
    },
    deliverToAll: (topic, payload) => {
      for (const [key, all] of listeners)
        if (key.startsWith(`${topic} `)) for (const listener of all) listener.push(payload);
    },
  };
}

/** No topic has a space. */
const keyOf = ({ topic, id }: TopicAddress): string => (id === null ? topic : `${topic} ${id}`);

class Listener implements AsyncIterator<unknown, undefined> {
  readonly #stop: () => void;
  #waiting: unknown[] = [];
  /** Resolves the promise that `next` returned last, while there is no event for it. */
  #give: ((result: IteratorResult<unknown, undefined>) => void) | null = null;
  #isOver = false;
  #hasOverflown = false;

  constructor(stop: () => void) {
    this.#stop = stop;
  }

  push(payload: unknown): void {
    if (this.#give !== null) {
      const give = this.#give;
      this.#give = null;
      give({ value: payload, done: false });
    } else if (this.#waiting.length < maxWaitingEvents) this.#waiting.push(payload);
    else {
      this.#hasOverflown = true;
      this.#end();
    }
  }

  async next(): Promise<IteratorResult<unknown, undefined>> {
    if (this.#hasOverflown) throw new TooManyEvents();
    if (this.#isOver) return { value: undefined, done: true };
    if (this.#waiting.length > 0) return { value: this.#waiting.shift(), done: false };
    return new Promise((resolve) => {
      this.#give = resolve;
    });
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    this.#end();
    return { value: undefined, done: true };
  }

  #end(): void {
    if (this.#isOver) return;
    this.#stop();
    this.#isOver = true;
    this.#waiting = [];
    this.#give?.({ value: undefined, done: true });
    this.#give = null;
  }
}
