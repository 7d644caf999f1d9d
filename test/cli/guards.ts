// Security rules of the command line.
import type { Guard, Rule } from "../house/guard.ts";

export const heading = "The command line";

export const rules: readonly Rule[] = [
  [
    "`access --write` accepts the schema of the current sources, and refuses a stale build",
    "",
    "stale-build: access --write refuses a build that is older than the sources, and says how to build",
  ],
];

export const guards: readonly Guard[] = [
  [
    "src/cli/access.ts",
    "if (write) await requireCurrentBuild(",
    "if (!write) await requireCurrentBuild(",
    "stale-build: access --write refuses a build that is older than the sources, and says how to build",
    "built",
  ],
];
