// Whether the application's build was made from the sources beside it, and making it.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { glob, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findCompiler } from "./compiler.ts";

const recordIn = (root: string): string => join(root, "dist", ".sources");

/** Compiles with the application's own TypeScript and tsconfig.json. Throws when TypeScript finds a mistake. */
export async function buildApplication(root: string): Promise<void> {
  // A file without a source, such as a migration of another branch, would be run.
  rmSync(join(root, "dist"), { recursive: true, force: true });
  const sources = await digestOf(root);
  const project = await writeProject(root);
  const { status } = spawnSync(process.execPath, [findCompiler(root), "--project", project], {
    stdio: "inherit",
    cwd: root,
  });
  rmSync(project);
  if (status !== 0) throw new Error("TypeScript found mistakes: the build is not complete.");
  await writeFile(recordIn(root), sources);
}

/** Without the tests, which tsconfig.json includes so that they are checked. Returns its path. */
const writeProject = async (root: string): Promise<string> => {
  const dist = join(root, "dist");
  const path = join(dist, ".tsconfig.json");
  const compilerOptions = { noEmit: false, rootDir: root, outDir: dist };
  const include = ["graphward.config.ts", "src", "migrations"].map((name) => join(root, name));
  await mkdir(dist);
  await writeFile(path, JSON.stringify({ extends: join(root, "tsconfig.json"), compilerOptions, include }));
  return path;
};

/** Throws an error with a one-line message when the sources have changed since the build. */
export async function requireCurrentBuild(root: string): Promise<void> {
  const built = await readFile(recordIn(root), "utf8").catch(() => null);
  if (built !== (await digestOf(root)))
    throw new Error("The sources have changed since the last build: npm run build.");
}

/** Contents, not times: a checkout of an older commit, or a copy, has meaningless times. */
const digestOf = async (root: string): Promise<string> => {
  const hash = createHash("sha256");
  const files: string[] = [];
  for await (const file of glob(["*.config.ts", "{src,migrations}/**/*.ts"], { cwd: root })) files.push(file);
  for (const file of files.sort())
    hash
      .update(`${file}\0`)
      .update(await readFile(join(root, file)))
      .update("\0");
  return hash.digest("hex");
};
