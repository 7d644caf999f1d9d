// The directory with everything of one embedded database, and the users it belongs to.

import { createHash } from "node:crypto";
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rmdir,
  stat,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { type Account, canReach, findAccount, isRoot, requireUnprivilegedAccount } from "./account.ts";

export interface Home {
  readonly path: string;
  /** Whom Postgres runs as; null: as ourselves. */
  readonly account: Account | null;
  /** Whom root gives the files to that it makes here; null: they stay ours. */
  readonly keeper: Account | null;
}

const stateDirectory = "/var/lib/graphward";

export const requireHome = async (dataDir: string): Promise<Home> => {
  await mkdir(dataDir, { recursive: true, mode: isRoot() ? 0o711 : 0o700 });
  const realDataDir = await realpath(dataDir);
  return isRoot() ? requireHomeAsRoot(realDataDir) : requireOwnHome(realDataDir);
};

/** Root works in the directory of somebody else, who must be able to go on without root. */
export const giveToKeeper = async (home: Home, path: string): Promise<void> => {
  if (!home.keeper) return;
  await chown(path, home.keeper.uid, home.keeper.gid);
  if (!(await stat(path)).isDirectory()) return;
  for (const name of await readdir(path)) await chown(join(path, name), home.keeper.uid, home.keeper.gid);
};

const requireOwnHome = async (dataDir: string): Promise<Home> => {
  const path = join(dataDir, "postgres");
  const owner = await findOwner(path);
  if ((owner && owner.uid !== process.getuid?.()) || (await findPointer(dataDir))) {
    throw new Error(`The database of ${dataDir} belongs to another user: start Graphward as that user.`);
  }
  await mkdir(path, { recursive: true, mode: 0o700 });
  return { path, account: null, keeper: null };
};

const requireHomeAsRoot = async (dataDir: string): Promise<Home> => {
  const path = join(dataDir, "postgres");
  const owner = await findOwner(path);
  if (owner) return homeOf(path, owner);
  const elsewhere = await findHomeElsewhere(dataDir);
  if (elsewhere) return homeOf(elsewhere, null);
  const keeper = await findAccount(await stat(dataDir));
  if (keeper && keeper.uid !== 0 && (await canReach(dataDir, keeper))) return makeHome(path, keeper);
  if (await openForPassage(dataDir, await requireUnprivilegedAccount())) return makeHome(path, null);
  await mkdir(stateDirectory, { recursive: true });
  await chmod(stateDirectory, 0o711);
  const home = await makeHome(elsewhereOf(dataDir), null);
  await writeFile(pointerOf(dataDir), pointerText(dataDir), { mode: 0o600 });
  return home;
};

// A moved directory, or a container made anew: an empty database in place of the old one would look like lost data.
const findHomeElsewhere = async (dataDir: string): Promise<string | null> => {
  if ((await findPointer(dataDir)) === null) return null;
  const elsewhere = elsewhereOf(dataDir);
  if (await findOwner(elsewhere)) return elsewhere;
  throw new Error(
    `The database of ${dataDir} should be in ${elsewhere}: ${pointerOf(dataDir)} says where it was.`,
  );
};

// Without a keeper, root's own files (password, lock, log) stay root's: Postgres's account may pass through to what is
// its own, and cannot list or replace anything here.
const makeHome = async (path: string, keeper: Account | null): Promise<Home> => {
  // Complete before it has its name: another process that starts now judges it by its owner and its mode.
  const fresh = await mkdtemp(`${path}-`);
  await chmod(fresh, keeper ? 0o700 : 0o711);
  if (keeper) await chown(fresh, keeper.uid, keeper.gid);
  await rename(fresh, path).catch(async (error: NodeJS.ErrnoException) => {
    await rmdir(fresh);
    if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
  });
  return homeOf(path, keeper);
};

const homeOf = async (path: string, owner: Account | null): Promise<Home> => {
  const keeper = owner && owner.uid !== 0 ? ((await findAccount(owner)) ?? owner) : null;
  const clusterOwner = await findOwner(join(path, "cluster"));
  const account = clusterOwner
    ? ((await findAccount(clusterOwner)) ?? clusterOwner)
    : (keeper ?? (await requireUnprivilegedAccount()));
  if (await canReach(path, account)) return { path, account, keeper };
  throw new Error(
    `PostgreSQL does not run as root, and the user it becomes (uid ${account.uid}) may not enter ${path}.`,
  );
};

// The one directory whose mode we change is the data directory itself, and by no more than the right to pass through it:
// a container's volume is mounted there, and a database kept elsewhere would be gone with the container.
const openForPassage = async (dataDir: string, account: Account): Promise<boolean> => {
  if (!(await canReach(join(dataDir, ".."), account))) return false;
  if (!(await canReach(dataDir, account))) await chmod(dataDir, (await stat(dataDir)).mode | 0o001);
  return canReach(dataDir, account);
};

const elsewhereOf = (dataDir: string): string =>
  join(stateDirectory, createHash("sha256").update(dataDir).digest("hex").slice(0, 16));

const pointerOf = (dataDir: string): string => join(dataDir, "postgres-is-elsewhere.txt");

const findPointer = (dataDir: string): Promise<string | null> =>
  readFile(pointerOf(dataDir), "utf8").catch((error: NodeJS.ErrnoException) =>
    error.code === "ENOENT" ? null : "unreadable",
  );

const pointerText = (dataDir: string): string => `\
Graphward runs as root here, and the user PostgreSQL becomes may not enter ${dataDir}.
The database of this directory is therefore kept in ${elsewhereOf(dataDir)}.

After this directory has been moved, the next start says to where that one has to be moved.
To begin with an empty database, delete both: the directory named above and this file.
`;

const findOwner = (path: string): Promise<Account | null> =>
  stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
