// The built program, as an operator starts it, with what the system knows about its process.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type FileHandle, open, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pass } from "node:timers/promises";

export interface Program {
  readonly pid: number;
  /** What it printed last. */
  readonly output: string;
  readonly isRunning: boolean;
  /** How it ended: its exit status or the signal. */
  readonly ended: Promise<string>;
  send(signal: NodeJS.Signals): void;
  readState(): Promise<ProcessState>;
}

export interface ProcessState {
  /** Bytes. */
  readonly memory: number;
  readonly descriptors: number;
}

const keptOutput = 20_000;

/** `log`: a file that takes its output. */
export const startProgram = async (environment: NodeJS.ProcessEnv, log?: string): Promise<Program> => {
  const file: FileHandle | null = log === undefined ? null : await open(log, "a");
  const child: ChildProcess = spawn(
    process.execPath,
    [join(import.meta.dirname, "../../bin/graphward.js"), "start"],
    {
      stdio: ["ignore", file?.fd ?? "pipe", "pipe"],
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
    },
  );
  await file?.close();
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(-keptOutput);
    });
  let isRunning = true;
  const ended = once(child, "exit").then(([status, signal]) => {
    isRunning = false;
    return signal === null ? `status ${status}` : String(signal);
  });
  const pid = child.pid ?? 0;
  return {
    pid,
    ended,
    get output() {
      return output;
    },
    get isRunning() {
      return isRunning;
    },
    send: (signal) => void child.kill(signal),
    async readState() {
      const status = await readFile(`/proc/${pid}/status`, "utf8");
      const resident = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
      return { memory: resident, descriptors: (await readdir(`/proc/${pid}/fd`)).length };
    },
  };
};

/** Throws with its output when it ends instead. */
export const untilReady = async (program: Program, port: number): Promise<void> => {
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => null);
    await response?.arrayBuffer();
    if (response?.ok) return;
    if (!program.isRunning) throw new Error(`The server ended: ${program.output}`);
    await pass(20);
  }
};
