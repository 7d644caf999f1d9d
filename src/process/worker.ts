// The side of a worker: it tells when it serves, and ends when it is replaced, or when the primary process is gone.
import cluster from "node:cluster";
import type { SharedPermits } from "../auth/passwords/hash-queue.ts";
import { readOthersServe } from "../config/config.ts";
import {
  hasHashed,
  mayHash,
  replaced,
  type ScrapedMessage,
  type ScrapeMessage,
  served,
  wantsToHash,
} from "./messages.ts";

export interface WorkerSide {
  readonly id: number;
  /** Starts alone, before all others. */
  readonly isFirst: boolean;
  /** When this one was started. */
  readonly othersServe: boolean;
  tellServed(): void;
  /** Call it when the start has failed: listening to the primary process would keep this one. */
  letEnd(): void;
  /** Answers the primary process, which has the port of metrics. */
  answerScrapes(read: () => Promise<unknown>): void;
  /** The permits that all workers share. */
  openHashPermits(grant: () => void): SharedPermits;
  untilReplaced(): Promise<void>;
  untilAlone(): Promise<void>;
}

/** Null in a process that serves alone. */
export function findWorkerSide(): WorkerSide | null {
  const { worker } = cluster;
  if (!cluster.isWorker || worker === undefined) return null;
  // Otherwise Node ends this process at once when the primary process was killed, in the middle of requests.
  worker.exitedAfterDisconnect = true;
  return {
    id: worker.id,
    isFirst: worker.id === 1,
    othersServe: readOthersServe(),
    tellServed: () => tell(served),
    letEnd: () => process.channel?.unref(),
    answerScrapes(read) {
      const answer = async ({ scrape }: ScrapeMessage) => {
        const message: ScrapedMessage = { scraped: scrape, reading: await read().catch(() => null) };
        if (process.connected) tell(message);
      };
      process.on("message", (message: unknown) => {
        if (typeof message === "object" && message !== null && "scrape" in message)
          void answer(message as ScrapeMessage);
      });
    },
    openHashPermits,
    untilReplaced: () =>
      new Promise((resolve) => {
        process.on("message", (message) => {
          if (message === replaced) resolve();
        });
      }),
    untilAlone: () => new Promise((resolve) => process.once("disconnect", () => resolve())),
  };
}

const openHashPermits = (grant: () => void): SharedPermits => {
  let awaited = 0;
  const receive = () => {
    awaited -= 1;
    grant();
  };
  process.on("message", (message) => {
    if (message === mayHash) receive();
  });
  // Without the primary process, this one answers the requests that it has, and ends.
  process.once("disconnect", () => {
    while (awaited > 0) receive();
  });
  return {
    request() {
      awaited += 1;
      if (process.connected) tell(wantsToHash);
      else receive();
    },
    giveBack() {
      if (process.connected) tell(hasHashed);
    },
  };
};

/** The primary process may die while it is told: unheard, the error would end this one at once. */
const tell = (message: unknown): void => void process.send?.(message, undefined, undefined, () => undefined);
