// A load that costs less than the server, for measurements in which both share the cores.
import type { Cleanup } from "../cleanup.ts";
import type { LoadRequest } from "./load.ts";
import { startWorker, type Worker } from "./worker.ts";

export interface LightOrder {
  readonly url: string;
  readonly request: LoadRequest;
  readonly expectedBody: string;
  readonly connections: number;
  readonly duration: number;
}

export interface LightReport {
  readonly answered: number;
  /** The actual duration. */
  readonly duration: number;
  /** CPU time of the load itself. */
  readonly cpu: number;
}

export const startLightLoad = (cleanup: Cleanup): Worker<LightOrder, LightReport> =>
  startWorker(cleanup, null, "light-load-process.ts");
