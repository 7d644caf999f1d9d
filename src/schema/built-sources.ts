// Whether the build that runs was made from the sources beside it.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** From src and from dist alike. */
const root = join(import.meta.dirname, "../..");
const sources = join(root, "src");
const record = join(root, "dist/.sources");

/** Throws an error of one readable line when the sources have changed since the build. An installed package has none. */
export async function requireCurrentBuild(remedy: string): Promise<void> {
  const runsFromSources = join(import.meta.dirname, "..") === sources;
  if (runsFromSources || !existsSync(sources)) return;
  const built = await readFile(record, "utf8").catch(() => null);
  if (built !== (await digestOfSources()))
    throw new Error(`src has changed since the last build, and this command runs the build: ${remedy}`);
}

/** Its content, not its times: a checkout of an older commit, or a copy, has times that say nothing. */
export async function digestOfSources(): Promise<string> {
  const files = await readdir(sources, { recursive: true });
  const hash = createHash("sha256");
  for (const file of files.filter((name) => name.endsWith(".ts")).sort())
    hash
      .update(`${file}\0`)
      .update(await readFile(join(sources, file)))
      .update("\0");
  return hash.digest("hex");
}

/** Before a build: one that is interrupted must not pass for one of any sources. */
export const removeBuildRecord = (): Promise<void> => rm(record, { force: true });

/** After a build, with the digest from before it: what was edited meanwhile may not be in it. */
export const writeBuildRecord = (digest: string): Promise<void> => writeFile(record, digest);
