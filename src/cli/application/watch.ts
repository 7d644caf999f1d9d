// Runs `graphward dev --once` under tsx's watcher: decorators register types globally, so a change needs a new process.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { packageRoot } from "../../package-root.ts";

/** Ends when the watcher ends, with its exit status. */
export async function watchSources(): Promise<void> {
  const tsx = createRequire(import.meta.url).resolve("tsx/cli");
  const command = join(packageRoot, "bin", "graphward.js");
  // No module imports these, and yet a change of them needs a new start.
  const watched = ["access.lock", "migrations/**", ".env"].map((path) => `--include=${path}`);
  const args = [tsx, "watch", "--clear-screen=false", ...watched, command, "dev", "--once"];
  const watcher = spawn(process.execPath, args, { stdio: "inherit" });
  // A terminal sends Ctrl-C to both. The watcher waits for the server, and we for the watcher.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => void watcher.kill(signal));
  const [status] = await once(watcher, "exit");
  process.exitCode = status ?? 0;
}
