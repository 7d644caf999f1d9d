// Starts PostgreSQL as a child that outlives us, and reports in one line why it did not start.

import { type ChildProcess, spawn } from "node:child_process";
import { constants, type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { milliseconds, seconds } from "../../time.ts";
import type { Binaries } from "./binaries.ts";
import { childOptions } from "./child.ts";
import { giveToKeeper, type Home } from "./home.ts";
import {
  type Address,
  clusterOf,
  findPostmaster,
  findServer,
  logFileOf,
  pidFileOf,
  readPidFile,
  stopServer,
} from "./server.ts";
import { asArguments, settingsOf } from "./settings.ts";
import { makeSocketDirectory, removeSocket, socketPort } from "./socket-directory.ts";

const maxLogSize = 5_000_000;

/** Call it with the lock held, and only when no server of this home is running. */
export const startServer = async (
  home: Home,
  binaries: Binaries,
  extraSettings: Record<string, string>,
): Promise<Address> => {
  await removeRemains(home);
  const address = await makeAddress(home);
  const settings = { ...settingsOf(address), ...extraSettings };
  const giveUpAt = performance.now() + seconds(60);
  for (;;) {
    const log = await openLog(home);
    const logStart = (await log.stat()).size;
    try {
      const server = await launch(home, binaries, asArguments(settings), log);
      if (server) return server;
      const failure = await readFailure(log, logStart);
      // The postmaster was killed, and one of its backends has not noticed yet.
      const isOccupied = failure.includes("pre-existing shared memory block");
      if (!isOccupied || performance.now() > giveUpAt) {
        throw new Error(`PostgreSQL did not start (${failure}): see ${logFileOf(home)}.`);
      }
    } finally {
      await log.close();
    }
    await delay(milliseconds(100));
  }
};

const launch = async (
  home: Home,
  binaries: Binaries,
  args: string[],
  log: FileHandle,
): Promise<Address | null> => {
  const child = spawnServer(home, binaries, args, log);
  let hasFailed = false;
  child.once("error", () => {
    hasFailed = true;
  });
  child.once("exit", (status) => {
    // On Windows, pg_ctl exits with 0 while the server is still starting.
    hasFailed = process.platform !== "win32" || status !== 0;
  });
  child.unref();
  try {
    return await findServer(home, () => !hasFailed);
  } catch (error) {
    await stopServer(home);
    throw error;
  }
};

// Detached: in our process group, Ctrl-C in the terminal would stop the database before us.
const spawnServer = (home: Home, binaries: Binaries, args: string[], log: FileHandle): ChildProcess => {
  const start = ["-D", clusterOf(home), ...args];
  const options = { ...childOptions(home), detached: true };
  if (process.platform !== "win32") {
    return spawn(binaries.postgres, start, { ...options, stdio: ["ignore", log.fd, log.fd] });
  }
  // Only pg_ctl drops administrator rights, with which PostgreSQL refuses to run.
  const pgCtl = ["start", "-W", "-D", clusterOf(home), "-l", logFileOf(home), "-o", args.join(" ")];
  return spawn(binaries.pgCtl, pgCtl, { ...options, stdio: "ignore" });
};

// PostgreSQL trusts a pid file or a socket's lock file when any process of its user has that pid; after a
// kill -9 and a reboot that is possible. Checked again, because the child of a killed starter may have come up by now.
const removeRemains = async (home: Home): Promise<void> => {
  const remains = await readPidFile(home);
  if (!remains || (await findPostmaster(home))) return;
  if (remains.address) await removeSocket(remains.address.host);
  await rm(pidFileOf(home), { force: true });
};

const makeAddress = async (home: Home): Promise<Address> =>
  process.platform === "win32"
    ? { host: "127.0.0.1", port: await findFreePort() }
    : { host: await makeSocketDirectory(home), port: socketPort };

const findFreePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : socketPort));
    });
  });

const openLog = async (home: Home): Promise<FileHandle> => {
  const path = logFileOf(home);
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > maxLogSize) await rename(path, `${path}.old`);
  const { O_RDWR, O_APPEND, O_CREAT } = constants;
  const log = await open(path, O_RDWR | O_APPEND | O_CREAT, 0o600);
  await giveToKeeper(home, path);
  return log;
};

const readFailure = async (log: FileHandle, from: number): Promise<string> => {
  const { buffer, bytesRead } = await log.read(Buffer.alloc(64_000), 0, 64_000, from);
  const lines = buffer.toString("utf8", 0, bytesRead).split("\n");
  const last =
    lines.findLast((line) => /FATAL|PANIC|error/.test(line)) ?? lines.findLast((line) => line !== "");
  return last?.replace(/^.*?(FATAL|PANIC):\s*/, "") ?? "it exited without a message";
};
