// Runs PostgreSQL's programs: as the right user, with a minimal environment.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Home } from "./home.ts";

// The server's environment is not inherited: it may hold secrets, and PGDATA or LC_ALL would change the result.
export const childOptions = ({ path, account }: Home) => ({
  cwd: path,
  env: {
    ...(process.platform === "win32" ? {} : { PATH: "/usr/bin:/bin" }),
    HOME: path,
    LC_ALL: "C",
    TZ: "UTC",
  },
  windowsHide: true,
  // Node accepts signed numbers only, and the uid of nobody on macOS is 4294967294.
  ...(account && { uid: account.uid | 0, gid: account.gid | 0 }),
});

/** Runs a program to its end. Throws an error with a one-line reason. */
export const run = async (
  home: Home,
  program: string,
  args: readonly string[],
  input = "",
): Promise<void> => {
  // Its own process group: Ctrl-C in the terminal must not leave half a cluster.
  const options = { ...childOptions(home), detached: true };
  const running = promisify(execFile)(program, args, options);
  running.child.stdin?.on("error", () => undefined).end(input);
  await running.catch((error: Error & { stderr?: string }) => {
    throw new Error(`PostgreSQL could not be set up in ${home.path}: ${reasonOf(error)}`);
  });
};

const reasonOf = (error: Error & { stderr?: string }): string => {
  const lines = (error.stderr || error.message).split("\n").filter((line) => line.trim() !== "");
  return (
    lines.find((line) => /error:|FATAL:|PANIC:|could not|child process/.test(line)) ??
    lines.at(-1) ??
    "unknown reason"
  );
};
