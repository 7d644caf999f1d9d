// Chooses the cores for the server and the load: on shared cores, each slows the other at random.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

export interface Cores {
  /** Null: the operating system decides. */
  readonly server: number | null;
  readonly load: number | null;
}

export const chooseCores = (): Cores => {
  const cores = allowedCores();
  const [first] = cores;
  const last = cores.at(-1);
  // The first and the last core: neighbours are often two threads of one physical core.
  return first === undefined || last === undefined || first === last || !hasTaskset()
    ? { server: null, load: null }
    : { server: first, load: last };
};

/**
 * The command prefix for a program. `taskset` replaces itself with the program, so the pid stays the same.
 */
export const pinnedTo = (core: number | null): readonly string[] =>
  core === null ? [] : ["taskset", "-c", String(core)];

/** A container may have only cores 4 to 7, for example. */
const allowedCores = (): readonly number[] => {
  if (process.platform !== "linux") return [];
  const [, list = ""] = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return list.split(",").flatMap((range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
};

const hasTaskset = (): boolean => spawnSync("taskset", ["--version"], { stdio: "ignore" }).status === 0;
