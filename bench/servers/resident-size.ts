// The resident memory of a process, as the operating system counts it.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { kibibytes } from "../../src/sizes.ts";

/** In bytes. Null where the system does not report it. */
export const readResidentSize = async (processId: number): Promise<number | null> => {
  if (process.platform === "win32") return null;
  if (process.platform !== "linux") return readFromPs(processId);
  const status = await readFile(`/proc/${processId}/status`, "utf8");
  const [, size] = /^VmRSS:\s*(\d+) kB$/m.exec(status) ?? [];
  return size === undefined ? null : kibibytes(Number(size));
};

const readFromPs = async (processId: number): Promise<number> => {
  const { stdout } = await promisify(execFile)("ps", ["-o", "rss=", "-p", String(processId)]);
  return kibibytes(Number(stdout.trim()));
};
