// The private directory of PostgreSQL's socket, whose whole path has to be short.

import { chmod, chown, mkdir, mkdtemp, rm, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { canReach } from "./account.ts";
import type { Home } from "./home.ts";

export const socketPort = 5432;

const socketName = `.s.PGSQL.${socketPort}`;
const temporaryPrefix = "graphward-";
// 107 on Linux, 103 on macOS: the kernel truncates a longer path, or PostgreSQL refuses it.
const maxSocketPathLength = 103;

export const makeSocketDirectory = async (home: Home): Promise<string> => {
  const inHome = join(home.path, "socket");
  const directory = fits(inHome)
    ? inHome
    : await mkdtemp(join(await findTemporaryDirectory(home), temporaryPrefix));
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o700);
  if (home.account) await chown(directory, home.account.uid, home.account.gid);
  return directory;
};

/** A lock file left by a killed PostgreSQL would stop the next one when its pid belongs to another process by now. */
export const removeSocket = async (directory: string): Promise<void> => {
  // By exact names, never recursively: the path comes from a file that PostgreSQL's user can write, and we may be root.
  await rm(join(directory, socketName), { force: true }).catch(() => undefined);
  await rm(join(directory, `${socketName}.lock`), { force: true }).catch(() => undefined);
  if (basename(directory).startsWith(temporaryPrefix)) await rmdir(directory).catch(() => undefined);
};

const findTemporaryDirectory = async ({ account }: Home): Promise<string> => {
  const usual = tmpdir();
  const reachable = !account || (await canReach(usual, account).catch(() => false));
  return reachable && fits(join(usual, `${temporaryPrefix}XXXXXX`)) ? usual : "/tmp";
};

const fits = (directory: string): boolean =>
  Buffer.byteLength(join(directory, socketName)) <= maxSocketPathLength;
