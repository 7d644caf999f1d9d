// A modest load at one pace, whatever the server does: what a client waits while others ask for more.
import type { Cleanup } from "./cleanup.ts";
import type { LoadRequest } from "./load.ts";
import { startWorker, type Worker } from "./worker.ts";

export interface SteadyOrder {
  readonly url: string;
  readonly request: LoadRequest;
  readonly expectedBody: string;
  readonly requestsPerSecond: number;
  readonly duration: number;
}

export interface SteadyReport {
  /** From sending to the end of the answer, one a request. */
  readonly latencies: readonly number[];
}

export const startSteadyLoad = (cleanup: Cleanup, core: number | null): Worker<SteadyOrder, SteadyReport> =>
  startWorker(cleanup, core, "steady-load-process.ts");
