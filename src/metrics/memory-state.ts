// What this process holds at the moment of a scrape: the hash queue and the pools of connections.
import { Counter, Gauge, type Registry } from "prom-client";
import { readHashQueue } from "../auth/passwords/hash-queue.ts";
import type { PoolState } from "../database/open.ts";

/** `readPools`: by their names. None during the start. */
export const addMemoryState = (
  registry: Registry,
  readPools: () => Readonly<Record<string, PoolState>>,
): void => {
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
};
