// The built command line as a separate process, as an operator runs it. `npm test` builds it first.
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { withoutDevelopersSecrets } from "../../src/testing/secrets.ts";
import { withoutSearchPath } from "./database/database.ts";
import { endWithFile } from "./left-processes.ts";
import { type CanaryKind, note, noteEnvironment, noteTokens } from "./logs/canaries.ts";
import { watchLog } from "./logs/logs.ts";
import { redisSettings } from "./redis.ts";

export const program = join(import.meta.dirname, "../../bin/graphward.js");

export interface Result {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Options {
  readonly environment?: NodeJS.ProcessEnv;
  /** The app whose database the command uses. */
  readonly on?: { readonly config: { readonly databaseUrl: string | null }; readonly databaseName?: string };
  readonly input?: string;
  readonly directory?: string;
  /** The program of a copy of the project. */
  readonly program?: string;
  /** A file that takes standard output; or nobody reads it before `readOn()`. */
  readonly stdout?: number | "unread";
}

/** Its own process group, so that a test can send it what a terminal sends. */
const launch = (args: readonly string[], options: Options): ChildProcess => {
  const { on, directory } = options;
  const environment = {
    ...(on && { DATABASE_URL: on.config.databaseUrl ?? "" }),
    ...(on?.databaseName !== undefined && redisSettings(on.databaseName)),
    ...options.environment,
  };
  noteEnvironment(environment);
  const { DATABASE_URL: url } = environment;
  const child = spawn(process.execPath, [options.program ?? program, ...args], {
    detached: true,
    stdio: ["pipe", typeof options.stdout === "number" ? options.stdout : "pipe", "pipe"],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      ...environment,
      ...(url && { DATABASE_URL: withoutSearchPath(url) }),
    },
    ...(directory !== undefined && { cwd: directory }),
  });
  endWithFile(child);
  return child;
};

const collect = (child: ChildProcess, isUnread = false) => {
  const output = { stdout: "", stderr: "", readOn: (): void => undefined };
  const readOn = () => {
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      output.stdout += text;
    });
  };
  if (isUnread) output.readOn = readOn;
  else readOn();
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    output.stderr += text;
  });
  return output;
};

export const graphward = async (args: readonly string[], options: Options = {}): Promise<Result> => {
  const child = launch(args, options);
  const output = collect(child);
  child.stdin?.end(options.input ?? "");
  note("password", options.input?.trim());
  const [status] = (await once(child, "close")) as [number | null];
  noteTokens(output.stdout);
  const isAskedForToken = args[0] === "token" && args[1] === "create";
  watchLog({
    name: `the output of graphward ${args.join(" ")}`,
    read: () => output.stderr + (isAskedForToken ? "" : output.stdout),
    mayHold: typedByThePerson,
  });
  return { status, stdout: output.stdout, stderr: output.stderr };
};

const typedByThePerson: ReadonlySet<CanaryKind> = new Set(["account", "variable", "literal"]);

export interface Served {
  readonly pid: number;
  readonly output: { readonly stdout: string; readonly stderr: string };
  /** Reads the output that nobody read so far. */
  readOn(): void;
  /** Resolves with the exit status. */
  readonly ended: Promise<number | null>;
  /** `took`: milliseconds from the signals to the exit. */
  stop(...signals: NodeJS.Signals[]): Promise<{ readonly status: number | null; readonly took: number }>;
  kill(): Promise<void>;
}

/** Does not wait for the server to be ready. */
export const begin = (port: number, options: Options): Served => {
  const child = launch(["start"], {
    ...options,
    environment: { PORT: String(port), LOG_LEVEL: "debug", SHUTDOWN_DELAY: "0s", ...options.environment },
  });
  const output = collect(child, options.stdout === "unread");
  const isProduction = options.environment?.NODE_ENV === "production";
  watchLog({
    name: `the log of the process on port ${port}`,
    read: () => {
      const log = output.stdout + output.stderr;
      return isProduction ? log : withoutDevelopersSecrets(log);
    },
  });
  // Not "close": it waits until the output was read.
  const ended = once(child, options.stdout === "unread" ? "exit" : "close").then(
    ([status]): number | null => status,
  );
  return {
    pid: child.pid ?? 0,
    output,
    readOn: () => output.readOn(),
    ended,
    async stop(...signals) {
      const start = performance.now();
      for (const signal of signals) child.kill(signal);
      return { status: await ended, took: performance.now() - start };
    },
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
};

/** What production requires with a database of its own; the secrets are new each time. */
export const productionEnvironment = (): NodeJS.ProcessEnv => ({
  NODE_ENV: "production",
  HOST: "127.0.0.1",
  PUBLIC_URL: "http://localhost",
  MAIL_FROM: "service@example.org",
  SESSION_SECRET: randomBytes(32).toString("hex"),
  AUDIT_KEY: randomBytes(32).toString("hex"),
});

/** Resolves when the server is ready; throws with its output when it exits instead. */
export const serve = async (port: number, options: Options): Promise<Served> => {
  const served = begin(port, options);
  let hasEnded = false;
  void served.ended.then(() => {
    hasEnded = true;
  });
  // Polling without a pause would take half the CPU time from its start.
  while (!(await isReady(port))) {
    if (hasEnded) throw new Error(`The server ended: ${served.output.stdout}${served.output.stderr}`);
    await setTimeout(20);
  }
  // Printed when it is ready. With a log level of its own, it may print nothing.
  const isQuiet = options.environment?.LOG_LEVEL !== undefined;
  while (served.output.stdout === "" && !hasEnded && !isQuiet) await setTimeout(5);
  return served;
};

export const isReady = async (port: number): Promise<boolean> => {
  try {
    return (await fetch(`http://127.0.0.1:${port}/health/ready`)).ok;
  } catch {
    return false;
  }
};
