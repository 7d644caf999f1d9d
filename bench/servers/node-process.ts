// Node programs that run as long as the benchmark.
import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { seconds } from "../../src/time.ts";
import type { Cleanup } from "../cleanup.ts";
import { pinnedTo } from "../cores.ts";

export interface NodeProgram {
  readonly core: number | null;
  /** Node's options, the file, and its arguments. */
  readonly command: readonly string[];
  readonly directory: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly stdio: StdioOptions;
  /** Called after the exit. `isOrderly` is false when it was killed or failed. */
  readonly afterwards?: (isOrderly: boolean) => Promise<void> | void;
}

export const startNode = (cleanup: Cleanup, program: NodeProgram): ChildProcess =>
  cleanup.own(
    () => {
      const [file = "", ...rest] = [...pinnedTo(program.core), process.execPath, ...program.command];
      const child = spawn(file, rest, {
        cwd: program.directory,
        env: program.environment,
        stdio: program.stdio,
        // Its own process group: only we receive Ctrl-C, and stop each program once, in order.
        detached: process.platform !== "win32",
        windowsHide: true,
      });
      // Without a listener, the error would end the run before the cleanup. Code that waits for the program
      // sees that it has exited.
      child.on("error", (error) => process.stderr.write(`bench: ${error.message}\n`));
      return child;
    },
    async (child) => {
      await end(child);
      await program.afterwards?.(child.exitCode === 0);
    },
  );

/** The variables that any program needs. The rest of our environment would configure it. */
export const plainEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    ["PATH", "HOME", "TMPDIR", "TEMP", "SystemRoot"].map((name) => [name, process.env[name]]),
  );

export const isRunning = (child: ChildProcess): boolean =>
  child.pid !== undefined && child.exitCode === null && child.signalCode === null;

const end = async (child: ChildProcess): Promise<void> => {
  if (!isRunning(child)) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), seconds(15));
  await exited;
  clearTimeout(timer);
};
