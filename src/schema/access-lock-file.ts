// access.lock on disk, compared with the schema that is about to be served.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describeAccess, differenceOfAccess } from "../auth/access/lock.ts";
import { composeSections } from "../auth/access/lock-sections.ts";
import { AccessRuleError } from "../auth/access/rule-error.ts";
import { packageRoot, readVersion } from "../package-root.ts";
import type { GuardedSchema } from "./build.ts";

/** `root`: the directory of the application, or of this package. */
export const accessLockIn = (root: string): string => join(root, "access.lock");

/** Throws an AccessRuleError that shows the difference and how to accept it. */
export const requireAccessLock = async (guarded: GuardedSchema, root = packageRoot): Promise<void> => {
  const difference = differenceOfAccess(await readLock(root), await describeLock(guarded, root));
  if (difference === "") return;
  throw new AccessRuleError(
    `access.lock does not match the schema:\n\n${difference}\n\nIf this change is intended, accept it and commit the file: npx graphward access --write`,
  );
};

export const writeAccessLock = async (guarded: GuardedSchema, root = packageRoot): Promise<void> =>
  writeFile(accessLockIn(root), await describeLock(guarded, root));

/** An application's file shows which lines come with this package: a reviewer need not read them again. */
const describeLock = async ({ schema, rules }: GuardedSchema, root: string): Promise<string> => {
  const all = describeAccess(schema, rules);
  if (root === packageRoot) return all;
  return composeSections(await readLock(packageRoot), all, readVersion());
};

const readLock = async (root: string): Promise<string> => {
  try {
    return await readFile(accessLockIn(root), "utf8");
  } catch (error) {
    // A missing file counts as empty: every public field is then a difference.
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
};
