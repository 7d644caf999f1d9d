// What this process holds at the moment of a scrape: the hash queue, the pools of connections and the open streams.
import { Counter, Gauge, type Registry } from "prom-client";
import { readHashQueue } from "../auth/passwords/hash-queue.ts";
import type { PoolState } from "../database/open.ts";
import type { OpenStreams } from "../live/open-streams.ts";

export type ObservedStreams = Pick<OpenStreams, "count" | "most">;

export interface MemoryState {
  /** By their names. None during the start. */
  readPools(): Readonly<Record<string, PoolState>>;
  /** Null during the start. */
  findStreams(): ObservedStreams | null;
}

export const addMemoryState = (registry: Registry, { readPools, findStreams }: MemoryState): void => {
  const registers = [registry];
  new Gauge({
    name: "graphward_password_hashes",
    help: "Passwords that are `running` through argon2, and `waiting` for their turn: 64 at most, then 503.",
    labelNames: ["state"],
    registers,
    collect() {
      const { running, waiting } = readHashQueue();
      this.set({ state: "running" }, running);
      this.set({ state: "waiting" }, waiting);
    },
  });
  new Counter({
    name: "graphward_password_hashes_refused_total",
    help: "Passwords that were not hashed, because the queue was full or the wait too long.",
    registers,
    collect() {
      this.reset();
      this.inc(readHashQueue().refused);
    },
  });
  new Gauge({
    name: "graphward_database_connections",
    help: "Connections of each pool: `used`, `idle`, and `most`, its size. The one that listens for revocations is in none.",
    labelNames: ["pool", "state"],
    registers,
    collect() {
      for (const [pool, { used, idle, most }] of Object.entries(readPools())) {
        this.set({ pool, state: "used" }, used);
        this.set({ pool, state: "idle" }, idle);
        this.set({ pool, state: "most" }, most);
      }
    },
  });
  new Gauge({
    name: "graphward_database_waiting",
    help: "Callers who wait for a connection of the pool.",
    labelNames: ["pool"],
    registers,
    collect() {
      for (const [pool, { waiting }] of Object.entries(readPools())) this.set({ pool }, waiting);
    },
  });
  new Gauge({
    name: "graphward_streams",
    help: "Subscriptions: `open`, and `most`, which is MAX_STREAMS.",
    labelNames: ["state"],
    registers,
    collect() {
      const streams = findStreams();
      if (streams === null) return this.reset();
      this.set({ state: "open" }, streams.count());
      this.set({ state: "most" }, streams.most);
    },
  });
};
