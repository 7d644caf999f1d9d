// Where this package is installed, and its version.
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Beside src and dist: the same from both. */
export const packageRoot = join(import.meta.dirname, "..");

export function readVersion(): string {
  return JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")).version;
}
