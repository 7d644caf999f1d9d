// What the operating system reports about a process, to distinguish it from a later one with the same pid.

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

export interface RunningProcess {
  readonly startedAt: string;
  readonly commandLine: string;
}

/**
 * Null for a zombie too: in a container whose first process does not reap, zombies keep their pid forever.
 */
export const findProcess = (pid: number): Promise<RunningProcess | null> => {
  if (process.platform === "linux") return findInProc(pid);
  return process.platform === "win32" ? findWithPowerShell(pid) : findWithPs(pid);
};

/** `<pid>-<start>`: a pid alone is reused, after a container's restart nearly always. */
export const nameOfThisProcess = async (): Promise<string> => {
  const found = await findProcess(process.pid);
  if (!found) throw new Error("This process cannot find itself in the process list.");
  return `${process.pid}-${found.startedAt}`;
};

/** `name` begins with `<pid>-<start>`. */
export const isAlive = async (name: string): Promise<boolean> => {
  const [pid, startedAt] = name.split("-");
  return (await findProcess(Number(pid)))?.startedAt === startedAt;
};

const findInProc = async (pid: number): Promise<RunningProcess | null> => {
  try {
    const [stat, commandLine, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, "utf8"),
      readFile(`/proc/${pid}/cmdline`, "utf8"),
      readFile("/proc/sys/kernel/random/boot_id", "utf8"),
    ]);
    // The second field is the program's name in brackets, which may itself contain brackets and spaces.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return null;
    // Start times count from boot: without the boot id, a machine that boots the same way repeats them.
    return { startedAt: `${fields[19]}.${boot.slice(0, 8)}`, commandLine: commandLine.replaceAll("\0", " ") };
  } catch {
    return null;
  }
};

const findWithPs = async (pid: number): Promise<RunningProcess | null> => {
  const format = ["-ww", "-o", "stat=,lstart=,command=", "-p", String(pid)];
  const output = await outputOf("/bin/ps", format);
  const [, state, start, commandLine] =
    /^\s*(\S+)\s+(\S+\s+\S+\s+\S+\s+[\d:]+\s+\d+)\s+(.*)/s.exec(output) ?? [];
  if (!state || !start || state.startsWith("Z")) return null;
  return { startedAt: start.replace(/\W+/g, "."), commandLine: commandLine ?? "" };
};

const findWithPowerShell = async (pid: number): Promise<RunningProcess | null> => {
  const script =
    `Get-CimInstance Win32_Process -Filter "ProcessId=${pid}"` +
    ` | ForEach-Object { "$($_.CreationDate.Ticks) $($_.CommandLine)" }`;
  const output = await outputOf("powershell.exe", ["-NoProfile", "-NonInteractive", "-Command", script]);
  const [, startedAt, commandLine] = /^(\d+) (.*)/s.exec(output) ?? [];
  return startedAt ? { startedAt, commandLine: commandLine ?? "" } : null;
};

const outputOf = async (program: string, args: readonly string[]): Promise<string> => {
  const env = { LC_ALL: "C", TZ: "UTC" };
  const finished = await promisify(execFile)(program, args, { env, windowsHide: true }).catch(() => null);
  return finished?.stdout ?? "";
};
