// The lock for joining and leaving: a directory with one file named after the lock's holder.

import { randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { milliseconds } from "../../time.ts";
import { giveToKeeper, type Home } from "./home.ts";
import { isAlive, nameOfThisProcess } from "./processes.ts";

const pollInterval = milliseconds(15);

/** Null when the lock was not free within `patience`. */
export const acquireLock = async (home: Home, patience: number): Promise<(() => Promise<void>) | null> => {
  const lock = join(home.path, "lock");
  const holder = `${await nameOfThisProcess()}-${randomBytes(4).toString("hex")}`;
  const claim = await makeClaim(home, holder);
  const giveUpAt = performance.now() + patience;
  while (performance.now() < giveUpAt) {
    if (await takeFreeLock(claim, lock)) {
      await removeDeadClaims(home);
      return async () => {
        await rm(join(lock, holder), { force: true });
        await rmdir(lock).catch(() => undefined);
      };
    }
    if (!(await removeDeadHolder(lock))) await delay(pollInterval);
  }
  await rm(claim, { recursive: true, force: true });
  return null;
};

const makeClaim = async (home: Home, holder: string): Promise<string> => {
  const claim = join(home.path, `claim-${holder}`);
  await mkdir(claim, { mode: 0o700 });
  await writeFile(join(claim, holder), "", { mode: 0o600 });
  await giveToKeeper(home, claim);
  return claim;
};

// A rename replaces an empty directory and fails on a full one. So taking the lock and naming its holder are
// one atomic step: a killed holder never leaves a lock without a name.
const takeFreeLock = (claim: string, lock: string): Promise<boolean> =>
  rename(claim, lock).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (["ENOTEMPTY", "EEXIST", "EPERM", "EACCES", "EBUSY"].includes(error.code ?? "")) return false;
      throw error;
    },
  );

// The dead holder is removed by its own name: of two waiters that see it, the second cannot remove the lock
// of the next holder.
const removeDeadHolder = async (lock: string): Promise<boolean> => {
  const [holder] = await readdir(lock).catch(() => []);
  if (holder && (await isAlive(holder))) return false;
  if (holder) await rm(join(lock, holder), { force: true });
  await rmdir(lock).catch(() => undefined);
  return holder !== undefined;
};

const removeDeadClaims = async (home: Home): Promise<void> => {
  for (const name of await readdir(home.path)) {
    if (!name.startsWith("claim-") || (await isAlive(name.slice("claim-".length)))) continue;
    await rm(join(home.path, name), { recursive: true, force: true });
  }
};
