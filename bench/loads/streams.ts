// Opens streams and waits for their events: a separate process, on the load's core.
import type { Cleanup } from "../cleanup.ts";
import { startWorker, type Worker } from "./worker.ts";

interface Events {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Another one each time. The numbers after it are used up as well. */
  readonly number: number;
}

export type StreamsOrder =
  | {
      readonly act: "open";
      readonly url: string;
      /** Each opens its share. */
      readonly headers: readonly Readonly<Record<string, string>>[];
      readonly count: number;
    }
  | ({ readonly act: "send" } & Events)
  | ({ readonly act: "send steadily"; readonly count: number; readonly perSecond: number } & Events);

export interface StreamsReport {
  /** Of an opening, until all are open. */
  readonly duration: number;
  /** Of each event, from the request that sends it until the last stream has it. */
  readonly latencies: readonly number[];
}

export const startStreams = (cleanup: Cleanup, core: number | null): Worker<StreamsOrder, StreamsReport> =>
  startWorker(cleanup, core, "streams-process.ts");
