// Logging out on one server while another is asked: a process of its own, on the core of the load.
import type { Cleanup } from "./cleanup.ts";
import type { Account } from "./login.ts";
import { startWorker, type Worker } from "./worker.ts";

export interface RevocationsOrder {
  /** Where the client logs in and out. */
  readonly url: string;
  /** Where its token is used meanwhile. */
  readonly otherUrl: string;
  readonly account: Account;
  readonly count: number;
}

export interface RevocationsReport {
  /** From the answer to the logout until the first refusal; 0 when that came first. One a logout. */
  readonly lags: readonly number[];
}

export const startRevocations = (
  cleanup: Cleanup,
  core: number | null,
): Worker<RevocationsOrder, RevocationsReport> => startWorker(cleanup, core, "revocations-process.ts");
