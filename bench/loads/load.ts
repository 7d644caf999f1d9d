// Generates load in a separate process, so that sending requests is not counted as CPU of the server.
import type { Cleanup } from "../cleanup.ts";
import { startWorker, type Worker } from "./worker.ts";

export interface LoadOrder {
  /** With several, the connections take them in turn. */
  readonly urls: readonly string[];
  /** Each connection repeats its share of them. */
  readonly requests: readonly LoadRequest[];
  /** The expected response: exact text, or a regular expression where it differs each time. */
  readonly expected: { readonly body: string } | { readonly pattern: string };
  /** True when "come back later" is also expected. It is counted separately. */
  readonly mayRefuse?: boolean;
  readonly connections: number;
  /** A duration, or a number of requests. */
  readonly until: { readonly duration: number } | { readonly count: number };
}

export interface LoadRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface LoadReport {
  readonly answered: number;
  readonly refused: number;
  /** The actual duration. */
  readonly duration: number;
}

/** Throws on an unexpected response: measurements of errors are worthless. */
export type Load = Worker<LoadOrder, LoadReport>;

export const startLoad = (cleanup: Cleanup, core: number | null): Load =>
  startWorker(cleanup, core, "load-process.ts");
