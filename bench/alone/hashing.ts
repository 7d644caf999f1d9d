// argon2 alone, without a server: the upper bound for logins.
import type { Cleanup } from "../cleanup.ts";
import { startWorker, type Worker } from "../loads/worker.ts";

export interface HashingOrder {
  readonly hash: string;
  readonly password: string;
  readonly atOnce: number;
  readonly duration: number;
}

export interface HashingReport {
  readonly verified: number;
  /** CPU time of each. */
  readonly cpu: number;
  /** The actual duration. */
  readonly duration: number;
}

export const startHashing = (cleanup: Cleanup, core: number | null): Worker<HashingOrder, HashingReport> =>
  startWorker(cleanup, core, "../alone/hashing-process.ts");
