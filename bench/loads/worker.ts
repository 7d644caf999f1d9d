// A program beside the servers that does one thing at a time: it receives an order and returns a report.
import { once } from "node:events";
import { join } from "node:path";
import type { Cleanup } from "../cleanup.ts";
import { isRunning, plainEnvironment, startNode } from "../servers/node-process.ts";

export interface Worker<Order, Report> {
  run(order: Order): Promise<Report>;
}

/** Returned when an order failed. */
interface Failure {
  readonly failure: string;
}

export const startWorker = <Order extends object, Report extends object>(
  cleanup: Cleanup,
  core: number | null,
  file: string,
  nodeOptions: readonly string[] = [],
): Worker<Order, Report> => {
  const child = startNode(cleanup, {
    core,
    command: [...nodeOptions, join(import.meta.dirname, file)],
    directory: import.meta.dirname,
    environment: plainEnvironment(),
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const ended = once(child, "exit").then(() => {
    throw new Error(`The process of ${file} has ended.`);
  });
  // At the end of the run, nobody awaits it.
  ended.catch(() => undefined);
  return {
    async run(order) {
      if (!isRunning(child)) return ended;
      child.send(order);
      const [report] = (await Promise.race([once(child, "message"), ended])) as [Report | Failure];
      if ("failure" in report) throw new Error(report.failure);
      return report;
    },
  };
};

/** Runs in the worker's own process. */
export const serveOrders = <Order, Report>(work: (order: Order) => Promise<Report>): void => {
  process.on("message", async (order: Order) => {
    try {
      process.send?.(await work(order));
    } catch (error) {
      process.send?.({ failure: error instanceof Error ? error.message : String(error) } satisfies Failure);
    }
  });
  // The benchmark was killed: nobody waits for a report.
  process.once("disconnect", () => process.exit());
};
