#!/usr/bin/env node
// Finds the built command line, or says in one line what is missing.
import { existsSync } from "node:fs";
import module from "node:module";
import { fileURLToPath } from "node:url";

const built = new URL("../dist/cli/main.js", import.meta.url);
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

const problem =
  major < 22 || (major === 22 && minor < 17)
    ? `this is Node ${process.version}, and it needs 22.17 or later: start it through npm or npx in its folder, which bring one along`
    : existsSync(built)
      ? null
      : "it is not built yet: npm run build";

if (problem === null) {
  // Compiled code, a quarter of the time to start. Beside the code it is of: whoever can write there could change that too.
  module.enableCompileCache(fileURLToPath(new URL("../dist/.compiled", import.meta.url)));
  await import(built.href);
} else {
  process.stderr.write(`graphward: ${problem}\n`);
  process.exitCode = 1;
}
