// The password in the form that libpq reads by itself, so that psql needs it neither as an argument nor in its environment.
import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { databaseName, readPassword, roleName } from "./cluster.ts";
import { giveToKeeper, type Home } from "./home.ts";

/** Returns the path, for the `passfile` of a connection string. Only the owner can read it, like the password beside it. */
export async function writePassfile(home: Home): Promise<string> {
  const path = join(home.path, "pgpass");
  // Under another name until it is whole: another psql may be reading it.
  const unfinished = `${path}.${process.pid}`;
  try {
    // The generated password has none of the two characters that would need escaping: a colon and a backslash.
    const line = `*:*:${databaseName}:${roleName}:${await readPassword(home)}\n`;
    await writeFile(unfinished, line, { mode: 0o600 });
    await giveToKeeper(home, unfinished);
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
  return path;
}
