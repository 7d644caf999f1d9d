// The load: a process of its own, so that making requests is never counted as answering them.
import type { Cleanup } from "./cleanup.ts";
import { startWorker, type Worker } from "./worker.ts";

export interface LoadOrder {
  /** Of several, the connections take one in turn. */
  readonly urls: readonly string[];
  /** Each connection sends its share of them, again and again. */
  readonly requests: readonly LoadRequest[];
  /** What each answer must be: to the byte, or, where it differs each time, a regular expression. */
  readonly expected: { readonly body: string } | { readonly pattern: string };
  /** Whether "come back later" is an answer too. It is counted apart. */
  readonly mayRefuse?: boolean;
  readonly connections: number;
  /** How long, or how many requests. */
  readonly until: { readonly duration: number } | { readonly count: number };
}

export interface LoadRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface LoadReport {
  readonly answered: number;
  readonly refused: number;
  /** How long it really took. */
  readonly duration: number;
}

/** Throws when one answer was not the expected one: a benchmark of errors is worth nothing. */
export type Load = Worker<LoadOrder, LoadReport>;

export const startLoad = (cleanup: Cleanup, core: number | null): Load =>
  startWorker(cleanup, core, "load-process.ts");
