// Opens streams and waits for their events: a separate process, on the load's core.
import type { Cleanup } from "./cleanup.ts";
import { startWorker, type Worker } from "./worker.ts";

export type StreamsOrder =
  | {
      readonly act: "open";
      readonly url: string;
      /** Each opens its share. */
      readonly headers: readonly Readonly<Record<string, string>>[];
      readonly count: number;
    }
  | {
      readonly act: "send";
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      /** Another one each time. */
      readonly number: number;
    };

export interface StreamsReport {
  /** Of an opening, until all are open. Of an event, from the request that sends it until the last stream has it. */
  readonly duration: number;
}

export const startStreams = (cleanup: Cleanup, core: number | null): Worker<StreamsOrder, StreamsReport> =>
  startWorker(cleanup, core, "streams-process.ts");
