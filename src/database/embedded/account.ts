// The unprivileged user Postgres runs as when we are root, and what that user can reach.

import { readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

export const isRoot = (): boolean => process.getuid?.() === 0;

// `nobody` owns no files, so that a break-in through Postgres gains none; `postgres` may own another cluster. It must be
// in the user list: initdb refuses to run as a number without a name.
export const requireUnprivilegedAccount = async (): Promise<Account> => {
  const users = await readUsers();
  const user = users.find(({ name }) => name === "nobody") ?? users.find(({ name }) => name === "daemon");
  if (user && user.uid !== 0) return user;
  throw new Error(
    "PostgreSQL cannot run as root and there is no user nobody here: start Graphward as another user, or set DATABASE_URL.",
  );
};

/** The owner of a file as the user list knows it; its group there, because a file's may be its directory's. */
export const findAccount = async (owner: Account): Promise<Account | null> =>
  (await readUsers()).find(({ uid }) => uid === owner.uid) ?? null;

/** Whether `account` may enter `path`, or run it, as the mode bits of it and of all directories above tell. */
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
      // macOS writes nobody's number as -2.
      return { name, uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 };
    });
};
