// Logs out on one server while another is polled, or a stream of it followed: a separate process, on the load's core.
import type { Cleanup } from "../cleanup.ts";
import type { Account } from "../servers/login.ts";
import { startWorker, type Worker } from "./worker.ts";

export interface RevocationsOrder {
  /** The server where the client logs in and out. */
  readonly url: string;
  /** The server where its token is used meanwhile. */
  readonly otherUrl: string;
  readonly account: Account;
  readonly count: number;
  /** What is waited for there: that it refuses a request, or that it ends a stream. */
  readonly sign: "refusal" | "end of a stream";
}

export interface RevocationsReport {
  /** One per logout: from its response to the sign; 0 when the sign came first. */
  readonly lags: readonly number[];
}

export const startRevocations = (
  cleanup: Cleanup,
  core: number | null,
): Worker<RevocationsOrder, RevocationsReport> => startWorker(cleanup, core, "revocations-process.ts");
