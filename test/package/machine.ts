// Another developer's machine: no more than Node, a package manager and a folder of its own.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { until } from "../harness/mail/mail.ts";
import { findFreePort } from "../harness/server.ts";

export const repository = join(import.meta.dirname, "../..");

/** What `npm run` adds to it leads to the repository. */
const kept = new Set(["HOME", "LANG", "npm_config_registry", "npm_config_cache"]);

export const environment = (): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => kept.has(name))),
  PATH: process.env.PATH?.split(delimiter)
    .filter((directory) => !/node_modules/.test(directory))
    .join(delimiter),
  CI: "1",
});

export const makeFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), "graphward-package-"));
  // As root, PostgreSQL is run as another user.
  await chmod(folder, 0o755);
  return folder;
};

/** Returns what it printed. Throws with it when the command fails. */
export const run = async (directory: string, command: string): Promise<string> => {
  const child = spawn(command, { cwd: directory, env: environment(), shell: true, stdio: "pipe" });
  const output = collect(child);
  const [status] = await once(child, "close");
  if (status !== 0) throw new Error(`${command}\n${output()}`);
  return output();
};

const collect = (child: ChildProcess): (() => string) => {
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
  return () => text;
};

export interface Serving {
  readonly url: string;
  readonly output: () => string;
  stop(): Promise<void>;
}

/** Until it serves. `command`: such as `npm start`. */
export const serve = async (directory: string, command: string): Promise<Serving> => {
  const port = await findFreePort();
  const child = spawn(command, {
    cwd: directory,
    env: { ...environment(), PORT: String(port) },
    shell: true,
    stdio: "pipe",
    // A group of its own: the signal must reach what npm started.
    detached: true,
  });
  const output = collect(child);
  const closed = once(child, "close");
  let hasEnded = false;
  void closed.then(() => {
    hasEnded = true;
  });
  await until(() => {
    if (hasEnded) throw new Error(`${command} ended:\n${output()}`);
    return output().includes("  next ");
  }, `The start of ${command}`);
  return {
    url: `http://localhost:${port}/graphql`,
    output,
    async stop() {
      process.kill(-(child.pid ?? 0), "SIGTERM");
      await closed;
    },
  };
};
