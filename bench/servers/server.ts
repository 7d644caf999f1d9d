// A server under measurement: a Node program that serves GraphQL at one URL.
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { milliseconds, seconds } from "../../src/time.ts";
import type { Cleanup } from "../cleanup.ts";
import { isRunning, type NodeProgram, startNode } from "./node-process.ts";

export interface Server {
  readonly url: string;
  readonly processId: number;
  /** From the start of the process to its first response. */
  readonly startedIn: number;
}

/** An empty directory, also used as the working directory, so that our `.env` is not found. Removed at the end. */
export const makeDirectory = (cleanup: Cleanup): string =>
  cleanup.own(
    () => mkdtempSync(join(tmpdir(), "graphward-bench-")),
    (path) => rmSync(path, { recursive: true, force: true }),
  );

/**
 * Resolves when the server responds to a query. PORT sets its port; its output goes to a file, like a service's log.
 */
export const startServer = async (cleanup: Cleanup, program: Omit<NodeProgram, "stdio">): Promise<Server> => {
  const port = await findFreePort();
  const logFile = join(program.directory, "log");
  const log = openSync(logFile, "a");
  const start = performance.now();
  const child = startNode(cleanup, {
    ...program,
    environment: { ...program.environment, NODE_ENV: "production", PORT: String(port) },
    stdio: ["ignore", log, log],
  });
  closeSync(log);

  const url = `http://127.0.0.1:${port}/graphql`;
  const giveUpAt = start + seconds(60);
  while (!(await answers(url))) {
    if (!isRunning(child) || performance.now() > giveUpAt)
      throw new Error(
        `${program.command.join(" ")} does not serve:\n${readFileSync(logFile, "utf8").slice(-2000)}`,
      );
    await delay(milliseconds(5));
  }
  return { url, processId: child.pid ?? 0, startedIn: performance.now() - start };
};

const answers = async (url: string): Promise<boolean> => {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: "{ __typename }" }),
      signal: AbortSignal.timeout(seconds(5)),
    });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
};

const findFreePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
