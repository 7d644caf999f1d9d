// `npm run build`: compiles src into dist, builds the pages, records the digest of the sources, and links the package into the examples.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { digestOfSources, removeBuildRecord, writeBuildRecord } from "../src/schema/built-sources.ts";
import { linkExamples } from "./link-examples.ts";

const root = dirname(import.meta.dirname);

const build = async (): Promise<void> => {
  const sources = await digestOfSources();
  await removeBuildRecord();
  removeStaleOutput();
  run("tsc -p tsconfig.build.json");
  run("npm run --silent build:pages");
  run("node scripts/build-explorer.ts");
  await writeBuildRecord(sources);
  linkExamples();
};

/** Removes files without a source: a migration left over from another branch would be run. */
const removeStaleOutput = (): void => {
  const compiled = /\.js(?:\.map)?$/;
  const explorerPage = join("explorer", "page");
  const dist = join(root, "dist");
  const files = existsSync(dist) ? readdirSync(dist, { recursive: true, encoding: "utf8" }) : [];
  for (const file of files) {
    if (!compiled.test(file) || file.startsWith(explorerPage)) continue;
    if (!existsSync(join(root, "src", file.replace(compiled, ".ts"))))
      rmSync(join(dist, file), { force: true });
  }
};

/** The command prints its own error; npm shows the exit status. */
const run = (command: string): void => {
  const { status } = spawnSync(command, { shell: true, stdio: "inherit", cwd: root });
  if (status !== 0) process.exit(status ?? 1);
};

await build();
