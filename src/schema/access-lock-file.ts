// access.lock on disk, compared with the schema that is about to be served.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describeAccess, differenceOfAccess } from "../auth/access/lock.ts";
import { AccessRuleError } from "../auth/access/rule-error.ts";
import type { GuardedSchema } from "./build.ts";

/** Beside package.json, from src and from dist. */
export const accessLockPath = join(import.meta.dirname, "../../access.lock");

/** Throws an AccessRuleError that shows the difference and how to accept it. */
export const requireAccessLock = async (
  { schema, rules }: GuardedSchema,
  path = accessLockPath,
): Promise<void> => {
  const difference = differenceOfAccess(await readLock(path), describeAccess(schema, rules));
  if (difference === "") return;
  throw new AccessRuleError(
    `access.lock does not match the schema:\n\n${difference}\n\nIf this change is intended, accept it and commit the file: npx graphward access --write`,
  );
};

export const writeAccessLock = async (
  { schema, rules }: GuardedSchema,
  path = accessLockPath,
): Promise<void> => writeFile(path, describeAccess(schema, rules));

const readLock = async (path: string): Promise<string> => {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    // A missing file counts as empty: every public field is then a difference.
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
};
