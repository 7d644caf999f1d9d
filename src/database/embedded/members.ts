// The members that use the database now: one empty file for each, named after its process.

import { randomBytes } from "node:crypto";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { giveToKeeper, type Home } from "./home.ts";
import { isAlive, nameOfThisProcess } from "./processes.ts";

/** Returns a function that removes the record. One process may be a member several times. */
export const addMember = async (home: Home): Promise<() => Promise<void>> => {
  const directory = membersOf(home);
  if (await mkdir(directory, { recursive: true, mode: 0o700 })) await giveToKeeper(home, directory);
  const record = join(directory, `${await nameOfThisProcess()}-${randomBytes(4).toString("hex")}`);
  await writeFile(record, "", { mode: 0o600 });
  return () => rm(record, { force: true });
};

/** Removes the records of killed members on the way. */
export const hasMembers = async (home: Home): Promise<boolean> => {
  for (const name of await readdir(membersOf(home)).catch(() => [])) {
    if (await isAlive(name)) return true;
    await rm(join(membersOf(home), name), { force: true });
  }
  return false;
};

const membersOf = (home: Home): string => join(home.path, "members");
