// Executes lists in a separate process, because TypeScript has to compile its decorators.
import type { Cleanup } from "../cleanup.ts";
import { startWorker, type Worker } from "../loads/worker.ts";

export interface ListsOrder {
  readonly schema: "plain" | "guarded";
  readonly field: "items" | "openItems";
  readonly duration: number;
}

export interface ListsReport {
  /** Per execution. */
  readonly cpu: number;
}

export const startLists = (cleanup: Cleanup, core: number | null): Worker<ListsOrder, ListsReport> =>
  startWorker(cleanup, core, "../alone/lists-process.ts", ["--import", "tsx"]);
