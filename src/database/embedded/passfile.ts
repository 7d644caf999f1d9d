// The password in a libpq password file, so that psql needs it neither as an argument nor in its environment.
import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { databaseName, readPassword, roleName } from "./cluster.ts";
import type { Home } from "./home.ts";

/**
 * Returns the path, for `passfile` in a connection string. Only the owner can read the file, like the
 * password beside it.
 */
export async function writePassfile(home: Home): Promise<string> {
  const path = join(home.path, "pgpass");
  // A temporary name until it is complete: another psql may be reading the old file.
  const unfinished = `${path}.${process.pid}`;
  try {
    // The generated password has no colon and no backslash, which would need escaping.
    const line = `*:*:${databaseName}:${roleName}:${await readPassword(home)}\n`;
    await rm(unfinished, { force: true });
    // `wx` and the open file follow no link: root writes here, in a folder that another user owns.
    const file = await open(unfinished, "wx", 0o600);
    try {
      await file.writeFile(line);
      if (home.keeper) await file.chown(home.keeper.uid, home.keeper.gid);
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
  return path;
}
