// A modest load at a constant rate: how long a client waits while others send more.
import type { Cleanup } from "../cleanup.ts";
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
  /** One per request: from sending to the end of the response. */
  readonly latencies: readonly number[];
}

export const startSteadyLoad = (cleanup: Cleanup, core: number | null): Worker<SteadyOrder, SteadyReport> =>
  startWorker(cleanup, core, "steady-load-process.ts");
