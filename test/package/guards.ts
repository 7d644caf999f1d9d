// What create-graphward refuses.
import type { Guard, Rule } from "../house/guard.ts";

export const heading = "New applications";

export const rules: readonly Rule[] = [];

export const guards: readonly Guard[] = [
  [
    "packages/create-graphward/create.js",
    "await requireEmpty(directory);",
    "",
    "create: refuses in one line, and writes nothing:",
  ],
  [
    "packages/create-graphward/create.js",
    "requireName(name);\n",
    "\n",
    "create: refuses in one line, and writes nothing:",
  ],
  [
    "packages/create-graphward/bin/create-graphward.js",
    "if (major < 20)",
    "if (major < 2)",
    "create: refuses an old Node in one line",
  ],
];
