// Finds the TypeScript that an application has installed.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The application's own TypeScript. */
export function findCompiler(root: string): string {
  try {
    const manifest = createRequire(join(root, "package.json")).resolve("typescript/package.json");
    return join(dirname(manifest), "bin", "tsc");
  } catch (cause) {
    throw new Error("TypeScript is not installed: npm install --save-dev typescript", { cause });
  }
}
