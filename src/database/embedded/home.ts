// The directory of one embedded database, and the users it belongs to.

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
  /** The user that PostgreSQL runs as; null: ourselves. */
  readonly account: Account | null;
  /** The user to whom root gives the files it creates here; null: they stay ours. */
  readonly keeper: Account | null;
}

const stateDirectory = "/var/lib/graphward";

export const requireHome = async (dataDir: string): Promise<Home> => {
  await mkdir(dataDir, { recursive: true, mode: isRoot() ? 0o711 : 0o700 });
  const realDataDir = await realpath(dataDir);
  return isRoot() ? requireHomeAsRoot(realDataDir) : requireOwnHome(realDataDir);
};

/** Root works in another user's directory, and that user must be able to continue without root. */
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

// A moved directory or a recreated container: a new, empty database in place of the old one would look like lost data.
const findHomeElsewhere = async (dataDir: string): Promise<string | null> => {
  if ((await findPointer(dataDir)) === null) return null;
  const elsewhere = elsewhereOf(dataDir);
  if (await findOwner(elsewhere)) return elsewhere;
  throw new Error(
    `The database of ${dataDir} must be in ${elsewhere}: ${pointerOf(dataDir)} shows where it was.`,
  );
};

// Without a keeper, root's own files (password, lock, log) stay root's: PostgreSQL's user can pass through to
// its own directory, and cannot list or replace anything here.
const makeHome = async (path: string, keeper: Account | null): Promise<Home> => {
  // Complete before it gets its name: another process that starts now checks its owner and mode.
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
  throw new Error(`PostgreSQL does not run as root, and its user (uid ${account.uid}) cannot enter ${path}.`);
};

// The only existing directory whose mode changes is the data directory, and only by the right to pass through
// it: a container's volume is mounted there, and a database outside it would be lost with the container.
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
Graphward runs as root, and the user that runs PostgreSQL cannot enter ${dataDir}.
Therefore the database is in ${elsewhereOf(dataDir)}.

If you move this directory, the next start shows where to move the database.
To start with an empty database, delete the directory of the database and this file.
`;

const findOwner = (path: string): Promise<Account | null> =>
  stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
