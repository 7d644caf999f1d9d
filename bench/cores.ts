// Which core the server runs on and which the load: without that, each slows the other by chance.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

export interface Cores {
  /** Null: wherever the system puts it. */
  readonly server: number | null;
  readonly load: number | null;
}

export const chooseCores = (): Cores => {
  const cores = allowedCores();
  const [first] = cores;
  const last = cores.at(-1);
  // The first and the last: neighbours are often two halves of one core.
  return first === undefined || last === undefined || first === last || !hasTaskset()
    ? { server: null, load: null }
    : { server: first, load: last };
};

/** Put before a program and its arguments. `taskset` becomes the program, so that the process id stays. */
export const pinnedTo = (core: number | null): readonly string[] =>
  core === null ? [] : ["taskset", "-c", String(core)];

/** A container may own cores 4 to 7 only. */
const allowedCores = (): readonly number[] => {
  if (process.platform !== "linux") return [];
  const [, list = ""] = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return list.split(",").flatMap((range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
};

const hasTaskset = (): boolean => spawnSync("taskset", ["--version"], { stdio: "ignore" }).status === 0;
