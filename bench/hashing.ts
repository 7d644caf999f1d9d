// argon2 alone, without a server around it: what a login cannot be faster than.
import type { Cleanup } from "./cleanup.ts";
import { startWorker, type Worker } from "./worker.ts";

export interface HashingOrder {
  readonly hash: string;
  readonly password: string;
  readonly atOnce: number;
  readonly duration: number;
}

export interface HashingReport {
  readonly verified: number;
  /** How much CPU each of them took. */
  readonly cpu: number;
  /** How long it really took. */
  readonly duration: number;
}

export const startHashing = (cleanup: Cleanup, core: number | null): Worker<HashingOrder, HashingReport> =>
  startWorker(cleanup, core, "hashing-process.ts");
