// `npm run test:guards`: breaks every guard, one after the other, and expects the test that it names to fail.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Guard, type NamedTest, readRooms, readTestName } from "../test/house/guard.ts";

interface Report {
  readonly success: boolean;
  readonly numFailedTests: number;
  readonly numPassedTests: number;
}

const directory = mkdtempSync(join(tmpdir(), "graphward-guards-"));
const reportFile = join(directory, "report.json");

/** Null when the test failed as expected. */
const findWeakness = ([path, from, to, , built]: Guard, { file, title }: NamedTest): string | null => {
  const whole = readFileSync(path, "utf8");
  writeFileSync(
    path,
    whole.replace(from, () => to),
  );
  if (built) build();
  try {
    const only = title.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const options = ["-t", only, "--reporter=json", `--outputFile=${reportFile}`];
    rmSync(reportFile, { force: true });
    spawnSync("vitest", ["run", "--project", "server*", `test/${file}.test.ts`, ...options], {
      stdio: "ignore",
      env: { ...process.env, RUNS_FACTOR: "4" },
    });
    const report: Report = JSON.parse(readFileSync(reportFile, "utf8"));
    // A secret in a log fails the whole file, after its tests.
    if (report.numFailedTests > 0 || (report.numPassedTests > 0 && !report.success)) return null;
    return report.numPassedTests > 0 ? "all tests passed" : "no test ran: does the broken guard compile?";
  } finally {
    writeFileSync(path, whole);
    if (built) build();
  }
};

const build = () => spawnSync("npm", ["run", "--silent", "build"], { stdio: "ignore" });

// If the run is interrupted, `git checkout src` restores everything.
const changed = execFileSync("git", ["status", "--porcelain", "src"], { encoding: "utf8" });
if (changed !== "") {
  process.stderr.write(`Commit first what is changed in src: the guards are broken in place.\n${changed}`);
  process.exit(1);
}

const { values, positionals } = parseArgs({ options: { part: { type: "string" } }, allowPositionals: true });
const [wanted = ""] = positionals;
/** `--part 1/2` and `--part 2/2`, in two checkouts: the whole takes an hour. */
const [part = 1, parts = 1] = values.part?.split("/").map(Number) ?? [];
const guards = (await readRooms()).flatMap((room) =>
  room.guards.map((guard) => ({ guard, test: readTestName(room, guard[3]) })),
);
const chosen = guards
  .filter(({ guard: [path], test: { file, title } }) => `${path} ${file} ${title}`.includes(wanted))
  .filter((_, index) => index % parts === part - 1);
let weak = 0;
for (const { guard, test } of chosen) {
  const weakness = findWeakness(guard, test);
  if (weakness !== null) weak += 1;
  const [path, from] = guard;
  const mark = weakness === null ? "red   " : "GREEN ";
  process.stdout.write(`${mark} ${path}: ${from.split("\n")[0]}\n        ${test.file}: ${test.title}\n`);
  if (weakness !== null) process.stdout.write(`        ${weakness}\n`);
}
rmSync(directory, { recursive: true });
process.stdout.write(`${chosen.length - weak} of ${chosen.length} guards are watched by their tests.\n`);
process.exitCode = weak === 0 && chosen.length > 0 ? 0 : 1;
