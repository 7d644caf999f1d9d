// `npm run test:guards`: breaks every guard, one after the other, and expects the test that it names to fail.
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createVitest, type TestModule, type Vitest } from "vitest/node";
import { seconds } from "../src/time.ts";
import { type Guard, type NamedTest, readRooms, readTestName } from "../test/house/guard.ts";

const root = join(import.meta.dirname, "..");

const stopIfSourcesAreChanged = (): void => {
  const changed = execFileSync("git", ["status", "--porcelain", "src"], { cwd: root, encoding: "utf8" });
  if (changed === "") return;
  process.stderr.write(`Commit first what is changed in src: the guards are broken in place.\n${changed}`);
  process.exit(1);
};

const build = () => spawnSync("npm", ["run", "--silent", "build"], { cwd: root, stdio: "ignore" });

// If the run is interrupted, `git checkout src` restores everything.
const breakGuard = async <T>(guard: Guard, run: () => Promise<T>): Promise<T> => {
  const [path, from, to, , built] = guard;
  const file = join(root, path);
  const whole = readFileSync(file, "utf8");
  const write = (text: string): void => {
    writeFileSync(file, text);
    vitest.invalidateFile(file);
    if (built) build();
  };
  write(whole.replace(from, () => to));
  if (isPartOfCluster(guard)) await reopenVitest();
  try {
    return await run();
  } finally {
    write(whole);
    if (isPartOfCluster(guard)) await reopenVitest();
  }
};

const hasFailed = (file: TestModule): { readonly ran: boolean; readonly failed: boolean } => {
  const states = [...file.children.allTests()].map((test) => test.result().state);
  const ran = states.some((each) => each === "passed" || each === "failed");
  // A secret in a log fails the whole file, after its tests.
  return { ran, failed: ran && (states.includes("failed") || file.state() === "failed") };
};

function openVitest(): Promise<Vitest> {
  return createVitest("test", {
    root,
    watch: false,
    project: ["server", "server alone", "processes", "environments"],
    reporters: [{}],
    bail: 1,
    // Some guards, once broken, let their test wait for ever.
    testTimeout: seconds(20),
  });
}

/** One Vitest for all of them reads again only what is broken. Its one database cluster is made by these files. */
const isPartOfCluster = (guard: Guard): boolean =>
  guard[0].startsWith("src/database/") && !isMigration(guard);

const reopenVitest = async (): Promise<void> => {
  await vitest.close();
  vitest = await openVitest();
};

/** Null when the test failed as expected. */
const findWeakness = (guard: Guard, { file, title }: NamedTest): Promise<string | null> =>
  breakGuard(guard, async () => {
    if (isMigration(guard)) return findWeaknessAlone(file, title);
    const specifications = await vitest.globTestSpecifications([`test/${file}.test.ts`]);
    vitest.setGlobalTestNamePattern(title.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    const { testModules } = await vitest.runTestSpecifications(specifications);
    const results = testModules
      .filter((each) => each.moduleId.endsWith(`/test/${file}.test.ts`))
      .map(hasFailed);
    if (results.some(({ failed }) => failed)) return null;
    return results.some(({ ran }) => ran)
      ? "all tests passed"
      : "no test ran: does the broken guard compile?";
  });

/** Node keeps a migration that this process has loaded, whatever its file says now. */
const isMigration = ([path]: Guard): boolean => path.startsWith("src/database/migrations/");

const findWeaknessAlone = (file: string, title: string): string | null => {
  const { status, stdout } = spawnSync("vitest", ["run", `test/${file}.test.ts`, "-t", title], {
    cwd: root,
    encoding: "utf8",
  });
  if (status !== 0 && / failed/.test(stdout)) return null;
  return status === 0 ? "all tests passed" : "no test ran: does the broken guard compile?";
};

const { values, positionals } = parseArgs({ options: { part: { type: "string" } }, allowPositionals: true });
const [wanted = ""] = positionals;
/** `--part 1/2` and `--part 2/2` run side by side in two checkouts. */
const [part = 1, parts = 1] = values.part?.split("/").map(Number) ?? [];
const guards = (await readRooms()).flatMap((room) =>
  room.guards.map((guard) => ({ guard, test: readTestName(room, guard[3]) })),
);
const chosen = guards
  .filter(({ guard: [path], test: { file, title } }) => `${path} ${file} ${title}`.includes(wanted))
  .filter((_, index) => index % parts === part - 1);

stopIfSourcesAreChanged();
process.env.RUNS_FACTOR = "4";
let vitest = await openVitest();
let weak = 0;
for (const { guard, test } of chosen) {
  const weakness = await findWeakness(guard, test);
  if (weakness !== null) weak += 1;
  const [path, from] = guard;
  const mark = weakness === null ? "red   " : "GREEN ";
  process.stdout.write(`${mark} ${path}: ${from.split("\n")[0]}\n        ${test.file}: ${test.title}\n`);
  if (weakness !== null) process.stdout.write(`        ${weakness}\n`);
}
await vitest.close();
process.stdout.write(`${chosen.length - weak} of ${chosen.length} guards are watched by their tests.\n`);
process.exitCode = weak === 0 && chosen.length > 0 ? 0 : 1;
