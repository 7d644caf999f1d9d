#!/usr/bin/env node
// Finds the built command line, or says in one line what is missing.
import { existsSync } from "node:fs";
import module from "node:module";
import { fileURLToPath } from "node:url";

// Otherwise this signal opens Node's debugger, which runs any code that it is sent.
process.on("SIGUSR1", () => undefined);

const built = new URL("../dist/cli/main.js", import.meta.url);
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

const problem =
  major < 22 || (major === 22 && minor < 17)
    ? `this is Node ${process.version}, and it needs 22.17 or later: start it through npm or npx in its folder, which bring one along`
    : existsSync(built)
      ? null
      : "it is not built yet: npm run build";

if (problem === null) {
  // Compiled code: a server starts with a third less work, for 9 MB of disk. It lies beside the code, because
  // anybody who can write there can change the code anyway. Where we may not write, Node goes without.
  module.enableCompileCache(fileURLToPath(new URL("../dist/.compiled", import.meta.url)));
  await import(built.href);
} else {
  process.stderr.write(`graphward: ${problem}\n`);
  process.exitCode = 1;
}
