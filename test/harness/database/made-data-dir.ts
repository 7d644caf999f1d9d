// A data directory whose built-in PostgreSQL was made before: copying one takes a fifth of the time of making one.
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { chmod, mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { joinEmbeddedPostgres } from "../../../src/database/embedded/join.ts";

let made: Promise<string> | null = null;

/** For tests that need a database of their own, and not its making. Creates `dataDir`. */
export async function copyMadeDataDir(dataDir: string): Promise<void> {
  made ??= makeDataDir();
  await mkdir(dataDir, { recursive: true });
  // The owners too: as root, PostgreSQL's files belong to another user.
  execFileSync("cp", ["-a", join(await made, "."), dataDir]);
}

/** Once for all files of a worker. */
async function makeDataDir(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), "graphward-made-"));
  await chmod(dataDir, 0o711);
  process.on("exit", () => rmSync(dataDir, { recursive: true, force: true }));
  const database = await joinEmbeddedPostgres({ dataDir, settings: { fsync: "off" } });
  await database.leave();
  return dataDir;
}
