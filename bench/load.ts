// The load: a process of its own, so that making requests is never counted as answering them.
import { once } from "node:events";
import { join } from "node:path";
import type { Cleanup } from "./cleanup.ts";
import { isRunning, plainEnvironment, startNode } from "./node-process.ts";

export interface LoadOrder {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** What each answer must be, to the byte. */
  readonly expectedBody: string;
  readonly connections: number;
  readonly duration: number;
}

export interface LoadReport {
  readonly answered: number;
  /** How long it really took. */
  readonly duration: number;
  /** Null when every answer was the expected one. */
  readonly problem: string | null;
}

export interface Load {
  /** Throws when one answer was not the expected one: a benchmark of errors is worth nothing. */
  run(order: LoadOrder): Promise<LoadReport>;
}

export const startLoad = (cleanup: Cleanup, core: number | null): Load => {
  const child = startNode(cleanup, {
    core,
    command: [join(import.meta.dirname, "load-process.ts")],
    directory: import.meta.dirname,
    environment: plainEnvironment(),
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const ended = once(child, "exit").then(() => {
    throw new Error("The process that makes the load has ended.");
  });
  // At the end of the run nobody waits for it.
  ended.catch(() => undefined);
  return {
    async run(order) {
      if (!isRunning(child)) return ended;
      child.send(order);
      const [report] = (await Promise.race([once(child, "message"), ended])) as [LoadReport];
      if (report.problem !== null)
        throw new Error(`${order.url} does not answer as expected: ${report.problem}`);
      return report;
    },
  };
};
