// The application's own TypeScript.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The path of its `tsc`. Throws an error with a one-line message when it is not installed. */
export function findCompiler(root: string): string {
  try {
    const manifest = createRequire(join(root, "package.json")).resolve("typescript/package.json");
    return join(dirname(manifest), "bin", "tsc");
  } catch (cause) {
    throw new Error("TypeScript is not installed: npm install --save-dev typescript", { cause });
  }
}
