// The unprivileged user that PostgreSQL runs as when we are root, and the files it can reach.

import { readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

export const isRoot = (): boolean => process.getuid?.() === 0;

// `nobody` owns no files, so a break-in through PostgreSQL gains none; `postgres` may own another cluster.
// The user must be in /etc/passwd: initdb refuses a uid without a name.
export const requireUnprivilegedAccount = async (): Promise<Account> => {
  const users = await readUsers();
  const user = users.find(({ name }) => name === "nobody") ?? users.find(({ name }) => name === "daemon");
  if (user && user.uid !== 0) return user;
  throw new Error(
    "PostgreSQL cannot run as root, and the user nobody does not exist: start Graphward as another user, or set DATABASE_URL.",
  );
};

/**
 * The owner of a file, from /etc/passwd. The group comes from there too: a file's own group may be that of
 * its directory.
 */
export const findAccount = async (owner: Account): Promise<Account | null> =>
  (await readUsers()).find(({ uid }) => uid === owner.uid) ?? null;

/** Whether `account` may enter or run `path`, by the mode bits of it and of all directories above. */
export const canReach = async (path: string, account: Account): Promise<boolean> => {
  const { mode, uid, gid } = await stat(path);
  const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0;
  if (((mode >> shift) & 0o1) === 0) return false;
  return dirname(path) === path || canReach(dirname(path), account);
};

const readUsers = async (): Promise<(Account & { name: string })[]> => {
  const list = await readFile("/etc/passwd", "utf8");
  return list
    .split("\n")
    .filter((line) => line.includes(":") && !line.startsWith("#"))
    .map((line) => {
      const [name = "", , uid, gid] = line.split(":");
      // macOS writes the uid of nobody as -2.
      return { name, uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 };
    });
};
