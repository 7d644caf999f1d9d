// The workers of a primary process: starts them, replaces those that die, reloads and stops them.
import cluster, { type Worker } from "node:cluster";
import { setTimeout as wait } from "node:timers/promises";
import type { Logger } from "pino";
import { othersServe } from "../config/process.ts";
import { minutes, seconds } from "../time.ts";
import { createHashPermits, type HashPermits } from "./hash-permits.ts";
import {
  hasHashed,
  mayHash,
  replaced,
  type ScrapedMessage,
  type ScrapeMessage,
  served,
  wantsToHash,
} from "./messages.ts";
import { relayLines } from "./relay.ts";

export interface Workers {
  /**
   * The first worker starts alone: it runs the migrations, and creates what a first start creates. Never resolves: rejects when a
   * worker dies at its start and none serves. Its own line on standard error has said why.
   */
  run(): Promise<never>;
  /** What each worker that serves has counted, by its number. Null: it has not answered in time. */
  readAll(): Promise<ReadonlyMap<number, unknown>>;
  /** One after the other: a new one serves before an old one ends. */
  reload(): Promise<void>;
  /** Resolves when all have ended, as servers do. */
  stop(): Promise<void>;
  kill(): void;
}

export interface WorkersOptions {
  readonly count: number;
  /** All workers together. */
  readonly hashesAtOnce: number;
  readonly logger: Logger;
  /** Takes whole lines of their logs. */
  readonly write: (lines: string) => void;
}

/** A scrape waits no longer for a worker that is busy. */
const patience = seconds(4);

/** A worker that dies at its start, or soon after it, again and again, must not take the machine from the others. */
const pauseAfter = (failures: number): number =>
  failures === 0 ? 0 : Math.min(minutes(1), seconds(1) * 2 ** (failures - 1));
const shortLife = minutes(1);

export function createWorkers({ count, hashesAtOnce, logger, write }: WorkersOptions): Workers {
  // Standard error is the operator's: it has the line of a worker that cannot start.
  cluster.setupPrimary({ stdio: ["ignore", "pipe", "inherit", "ipc"] });
  const serving = new Set<Worker>();
  const hashPermits = createHashPermits(hashesAtOnce);
  let isStopping = false;
  let shortLives = 0;
  let started: Promise<unknown> = Promise.resolve();
  let fail: (error: Error) => void = () => undefined;

  const start = async (): Promise<void> => {
    const worker = cluster.fork({ [othersServe]: serving.size > 0 ? "yes" : "no" });
    // No descriptor or no process left, or a message to a worker that is gone: unheard, it would end this process and all workers.
    worker.on("error", ({ code }: NodeJS.ErrnoException) =>
      logger.error({ worker: worker.id, code }, "a worker failed"),
    );
    answerHashing(worker, hashPermits);
    if (worker.process.stdout) relayLines(worker.process.stdout, write);
    if (!(await comesToServe(worker))) throw new Error("A worker died at its start.");
    serving.add(worker);
    const servesSince = performance.now();
    logger.info({ worker: worker.id, pid: worker.process.pid }, "a worker serves");
    worker.once("exit", (code: number | null, signal: string | null) => {
      if (!serving.delete(worker) || isStopping) return;
      shortLives = performance.now() - servesSince < shortLife ? shortLives + 1 : 0;
      const pause = pauseAfter(shortLives);
      logger.error({ worker: worker.id, code, signal, pause }, "a worker died, another one starts");
      void replace(pause);
    });
  };

  const replace = async (firstWait: number): Promise<void> => {
    // When none is left that serves, each second counts.
    if (serving.size > 0) await wait(firstWait, undefined, { ref: false });
    for (let failures = 1; !isStopping; failures += 1) {
      try {
        await start();
        return;
      } catch (error) {
        if (serving.size === 0) return fail(error as Error);
        const pause = pauseAfter(failures);
        logger.error({ pause }, "a worker cannot start, the others serve on");
        await wait(pause, undefined, { ref: false });
      }
    }
  };

  /** Without those that were never born: they do not end. */
  const all = (): readonly Worker[] =>
    Object.values(cluster.workers ?? {})
      .filter((it) => it !== undefined)
      .filter(({ process: { pid } }) => pid !== undefined);
  // Not by `once` of node:events: it rejects when a message does not reach a worker that is ending.
  const untilEnded = async (worker: Worker): Promise<void> => {
    if (!worker.isDead()) await new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  };
  return {
    run: () =>
      new Promise((_resolve, reject) => {
        fail = reject;
        started = start()
          .then(() => Promise.all(Array.from({ length: count - 1 }, start)))
          .catch(reject);
      }),
    async readAll() {
      const readings = [...serving].map(async (worker) => [worker.id, await readOf(worker)] as const);
      return new Map(await Promise.all(readings));
    },
    async reload() {
      await started;
      logger.info({ workers: serving.size }, "reloading");
      for (const old of [...serving]) {
        if (isStopping) return;
        // It died meanwhile, and has its successor: another one would stay for good.
        if (!serving.has(old)) continue;
        try {
          await start();
        } catch {
          logger.error("not reloaded: a new worker cannot start, the old ones serve on");
          return;
        }
        serving.delete(old);
        if (old.isConnected()) old.send(replaced);
        await untilEnded(old);
      }
      logger.info({ workers: serving.size }, "reloaded");
    },
    async stop() {
      isStopping = true;
      const ending = all();
      for (const worker of ending) worker.process.kill("SIGTERM");
      await Promise.all(ending.map(untilEnded));
    },
    kill() {
      for (const worker of all()) worker.process.kill("SIGKILL");
    },
  };
}

const answerHashing = (worker: Worker, permits: HashPermits): void => {
  const grant = () => {
    // It may be dead, which is seen a moment later.
    if (worker.isConnected()) worker.send(mayHash, () => undefined);
  };
  worker.on("message", (message: unknown) => {
    if (message === wantsToHash) permits.request(worker, grant);
    else if (message === hasHashed) permits.giveBack(worker);
  });
  worker.once("exit", () => permits.forget(worker));
};

let scrapes = 0;

const readOf = (worker: Worker): Promise<unknown> =>
  new Promise((resolve) => {
    scrapes += 1;
    const message: ScrapeMessage = { scrape: scrapes };
    const end = (reading: unknown) => {
      clearTimeout(late);
      worker.off("message", hear);
      resolve(reading);
    };
    const hear = (answer: unknown) => {
      if (typeof answer !== "object" || answer === null || !("scraped" in answer)) return;
      const { scraped, reading } = answer as ScrapedMessage;
      if (scraped === message.scrape) end(reading);
    };
    const late = setTimeout(() => end(null), patience);
    worker.on("message", hear);
    if (worker.isConnected()) worker.send(message);
    else end(null);
  });

const comesToServe = (worker: Worker): Promise<boolean> =>
  new Promise((resolve) => {
    worker.once("exit", () => resolve(false));
    // It was never born, so it does not exit.
    worker.once("error", () => resolve(false));
    worker.on("message", (message: unknown) => {
      if (message === served) resolve(true);
    });
  });
