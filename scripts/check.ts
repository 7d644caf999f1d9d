// `npm run check`: checks everything that can be outdated or wrong without a failing test. Each step names the command that fixes it.
import { spawnSync } from "node:child_process";

const steps: readonly (readonly [what: string, command: string, remedy: string])[] = [
  ["format and lint", "biome ci .", "npm run format"],
  ["types", "tsc -p tsconfig.json", "fix the types"],
  ["types of the account pages", "tsc -p src/account-pages/page --noEmit", "fix the types"],
  ["types of the explorer's page", "tsc -p src/explorer/page", "fix the types"],
  ["types of the benchmark's peers", "tsc -p bench/peers", "fix the types"],
  ["import directions", "vitest run --project server test/house/architecture.test.ts", "move the import"],
  ["build", "npm run --silent build", "fix the build"],
  ["access.lock", "node bin/graphward.js access", "npm run access -- --write"],
  ["schema.graphql", "node bin/graphward.js schema | diff - schema.graphql", "npm run schema"],
  ["the template of create-graphward", "node scripts/template.ts --check", "npm run template"],
  [
    "examples/team-tasks",
    "npm run --silent --prefix examples/team-tasks check",
    "npm run --prefix examples/team-tasks generate",
  ],
  ["types of the example's page", "tsc -p examples/team-tasks/web", "fix the types"],
  ["lint of schema.graphql", "eslint schema.graphql", "correct the field or the type, then npm run schema"],
  ["typed operations", "graphql-codegen --config codegen.yml --check", "npm run codegen"],
  ["reference pages", "tsx scripts/reference.ts --check", "npm run reference"],
  [
    "docs/security-index.md",
    "node scripts/security-index.ts | diff - docs/security-index.md",
    "npm run security:index",
  ],
  ["migrations", "tsx scripts/migration.ts check", "npm run migration:create <name>"],
  ["lockfile", "node scripts/lockfile.ts", "read what is new in package-lock.json, then npm install"],
  ["advisories", "node scripts/advisories.ts", "raise the package to a version without it"],
];

const failed = steps.filter(([what, command, remedy]) => {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(command, { shell: true, encoding: "utf8" });
  const took = `${((performance.now() - start) / 1000).toFixed(1)} s`;
  const skipped = stdout.startsWith("skipped: ") ? `, ${stdout.trim()}` : "";
  process.stdout.write(`${status === 0 ? "ok    " : "FAILED"}  ${what} (${took})${skipped}\n`);
  if (status !== 0) process.stdout.write(`\n${stdout}${stderr}\nTo put it right: ${remedy}\n\n`);
  return status !== 0;
});

process.exitCode = failed.length === 0 ? 0 : 1;
