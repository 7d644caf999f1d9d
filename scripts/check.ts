// `npm run check`: checks everything that can be outdated or wrong without a failing test. Each step names the command that fixes it.
import { exec } from "node:child_process";
import { availableParallelism } from "node:os";
import { kibibytes } from "../src/sizes.ts";

type Step = readonly [what: string, command: string, remedy: string];

/** Others read what it writes. */
const build: Step = ["build", "npm run --silent build", "fix the build"];

const others: readonly Step[] = [
  ["format and lint", "biome ci .", "npm run format"],
  ["types", "tsc -p tsconfig.json", "fix the types"],
  ["types of the account pages", "tsc -p src/account-pages/page --noEmit", "fix the types"],
  ["types of the explorer's page", "tsc -p src/explorer/page", "fix the types"],
  ["types of the benchmark's peers", "tsc -p bench/peers", "fix the types"],
  ["import directions", "vitest run --project server test/house/architecture.test.ts", "move the import"],
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

/** Whether it went well. */
async function check([what, command, remedy]: Step): Promise<boolean> {
  const start = performance.now();
  const { hasFailed, stdout, stderr } = await run(command);
  const took = `${((performance.now() - start) / 1000).toFixed(1)} s`;
  const skipped = stdout.startsWith("skipped: ") ? `, ${stdout.trim()}` : "";
  process.stdout.write(`${hasFailed ? "FAILED" : "ok    "}  ${what} (${took})${skipped}\n`);
  if (hasFailed) process.stdout.write(`\n${stdout}${stderr}\nTo put it right: ${remedy}\n\n`);
  return !hasFailed;
}

interface Ran {
  readonly hasFailed: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

const run = (command: string) =>
  new Promise<Ran>((resolve) => {
    exec(command, { maxBuffer: kibibytes(100_000) }, (error, stdout, stderr) =>
      resolve({ hasFailed: error !== null, stdout, stderr }),
    );
  });

/** As many at once as there are cores. */
async function checkAll(steps: readonly Step[]): Promise<readonly boolean[]> {
  const waiting = [...steps];
  const results: boolean[] = [];
  const work = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift())
      results.push(await check(step));
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return results;
}

const results = [await check(build), ...(await checkAll(others))];
process.exitCode = results.includes(false) ? 1 : 0;
