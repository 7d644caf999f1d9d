// The CPU time of a process since its start, as the operating system counts it.
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { milliseconds, seconds } from "../../src/time.ts";

export interface CpuTime {
  /** Null where the system does not report it. */
  readonly own: number | null;
  /** CPU time of its child processes, such as its database. */
  readonly children: number | null;
}

export const readCpuTime = async (processId: number): Promise<CpuTime> => {
  if (process.platform === "linux") return readFromProc(processId);
  if (process.platform === "win32") return { own: null, children: null };
  return { own: await readFromPs(processId), children: null };
};

/** The sum over all these processes. */
export const readCpuTimes = async (processIds: readonly number[]): Promise<CpuTime> => {
  const times = await Promise.all(processIds.map(readCpuTime));
  return { own: sumOf(times.map(({ own }) => own)), children: sumOf(times.map(({ children }) => children)) };
};

const sumOf = (values: readonly (number | null)[]): number | null =>
  values.reduce((sum, value) => (sum === null || value === null ? null : sum + value), 0);

/** Linux reports hundredths of a second to programs, whatever the kernel's own clock is. */
const tick = milliseconds(10);

interface ProcessEntry {
  readonly id: number;
  readonly parent: number;
  readonly own: number;
  /** CPU time of children that have exited. */
  readonly ended: number;
}

const readFromProc = async (processId: number): Promise<CpuTime> => {
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const entries = (await Promise.all(names.map(findEntry))).filter((entry) => entry !== null);
  const process = entries.find(({ id }) => id === processId);
  if (!process) throw new Error(`The server (process ${processId}) is gone.`);
  const children = descendantsOf(processId, entries).map(({ own, ended }) => own + ended);
  return { own: process.own, children: children.reduce((sum, time) => sum + time, 0) };
};

const descendantsOf = (id: number, entries: readonly ProcessEntry[]): readonly ProcessEntry[] =>
  entries
    .filter(({ parent }) => parent === id)
    .flatMap((child) => [child, ...descendantsOf(child.id, entries)]);

const findEntry = async (id: string): Promise<ProcessEntry | null> => {
  const stat = await readFile(`/proc/${id}/stat`, "utf8").catch(() => null);
  if (stat === null) return null;
  // The second field is the program's name in brackets, which may itself contain brackets and spaces.
  const fields = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  const [, parent = 0] = fields;
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11);
  return { id: Number(id), parent, own: (user + system) * tick, ended: (endedUser + endedSystem) * tick };
};

/** `[[days-]hours:]minutes:seconds`, with hundredths on macOS. */
const readFromPs = async (processId: number): Promise<number | null> => {
  const { stdout } = await promisify(execFile)("ps", ["-o", "cputime=", "-p", String(processId)]);
  const [, days = 0, hours = 0, minutes = 0, rest] =
    /^(?:(?:(\d+)-)?(\d+):)?(\d+):([\d.]+)$/.exec(stdout.trim()) ?? [];
  if (rest === undefined) return null;
  return seconds(((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(rest));
};
