// The running PostgreSQL of a home: finds it by its pid file, waits for it, stops it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { milliseconds, seconds } from "../../time.ts";
import { Client } from "../connecting/client.ts";
import { builtInRoute, listenerOptions } from "../connecting/connection.ts";
import { requireBinaries } from "./binaries.ts";
import { childOptions } from "./child.ts";
import { databaseName, readPassword, roleName } from "./cluster.ts";
import type { Home } from "./home.ts";
import { findProcess, isAlive } from "./processes.ts";
import { removeSocket } from "./socket-directory.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
}

interface Postmaster {
  readonly pid: number;
  /** Null until the pid file has the address. */
  readonly address: Address | null;
}

const pollInterval = milliseconds(10);

export const clusterOf = (home: Home): string => join(home.path, "cluster");
export const logFileOf = (home: Home): string => join(home.path, "postgres.log");
export const pidFileOf = (home: Home): string => join(clusterOf(home), "postmaster.pid");

/**
 * The address of a PostgreSQL that accepts connections; waits for one that is starting or recovering. Null
 * when there is none and `isComing` returns false.
 */
export const findServer = async (home: Home, isComing = () => false): Promise<Address | null> => {
  const giveUpAt = performance.now() + seconds(60);
  while (performance.now() < giveUpAt) {
    // Called first: when the child ends after the pid file was read, the file is read once more.
    const coming = isComing();
    const postmaster = await findPostmaster(home);
    if (!postmaster && !coming) return null;
    if (postmaster?.address && (await answers(home, postmaster.address))) return postmaster.address;
    await delay(pollInterval);
  }
  throw new Error(`PostgreSQL did not respond within 60 seconds: see ${logFileOf(home)}.`);
};

/** A fast shutdown: it closes open connections and loses no data. */
export const stopServer = async (home: Home): Promise<void> => {
  const postmaster = await findPostmaster(home);
  if (!postmaster) return;
  const found = await findProcess(postmaster.pid);
  const name = `${postmaster.pid}-${found?.startedAt}`;
  await requestStop(home, postmaster.pid, "SIGINT");
  if (!(await hasEnded(name, seconds(5)))) {
    // PostgreSQL's immediate shutdown: committed data is safe, the next start recovers it from the WAL.
    await requestStop(home, postmaster.pid, "SIGQUIT");
    if (!(await hasEnded(name, seconds(6)))) {
      throw new Error(`PostgreSQL (process ${postmaster.pid}) does not stop: see ${logFileOf(home)}.`);
    }
  }
  if (postmaster.address) await removeSocket(postmaster.address.host);
};

export const readPidFile = async (home: Home): Promise<Postmaster | null> => {
  const text = await readFile(pidFileOf(home), "utf8").catch(() => null);
  if (text === null) return null;
  const [pid, , , port, socketDirectory, listenAddress] = text.split("\n");
  const host = socketDirectory || listenAddress;
  return { pid: Number(pid), address: host ? { host, port: Number(port) } : null };
};

// The pid file survives a kill -9, and its pid may belong to another process by then: only a process started
// on this cluster counts. If this check is wrong (the directory was moved under a running server),
// PostgreSQL's own lock on its shared memory still prevents a second server.
export const findPostmaster = async (home: Home): Promise<Postmaster | null> => {
  const recorded = await readPidFile(home);
  if (!recorded) return null;
  const found = await findProcess(recorded.pid);
  return found && plain(found.commandLine).includes(plain(`-D ${clusterOf(home)} -c`)) ? recorded : null;
};

const plain = (commandLine: string): string => commandLine.replaceAll("\\", "/").replaceAll('"', "");

const answers = async (home: Home, address: Address): Promise<boolean> => {
  const password = await readPassword(home);
  const connection = { ...address, user: roleName, password, database: databaseName };
  // Nothing from the environment: PGSSLMODE or PGOPTIONS of a developer's shell are meant for another database.
  const client = new Client(listenerOptions(builtInRoute(connection)));
  client.on("error", () => undefined);
  try {
    await client.connect();
    return true;
  } catch (error) {
    const { code = "" } = error as { code?: string };
    // too_many_connections: the server is running.
    if (code === "53300") return true;
    if (!code.startsWith("28") && code !== "3D000") return false;
    throw new Error(`PostgreSQL refuses the password stored in ${home.path}: see ${logFileOf(home)}.`);
  } finally {
    client.end().catch(() => undefined);
  }
};

const requestStop = async (home: Home, pid: number, signal: "SIGINT" | "SIGQUIT"): Promise<void> => {
  if (process.platform !== "win32") {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
    return;
  }
  // On Windows, a signal from Node kills the process without a shutdown.
  const { pgCtl } = await requireBinaries(home);
  const mode = signal === "SIGINT" ? "fast" : "immediate";
  const options = { ...childOptions(home), stdio: "ignore" } as const;
  await once(spawn(pgCtl, ["stop", "-D", clusterOf(home), "-m", mode, "-W"], options), "exit");
};

/** Waits for the process, not for its pid file: PostgreSQL removes the file shortly before it exits. */
const hasEnded = async (name: string, patience: number): Promise<boolean> => {
  const giveUpAt = performance.now() + patience;
  while (performance.now() < giveUpAt) {
    if (!(await isAlive(name))) return true;
    await delay(pollInterval);
  }
  return false;
};
