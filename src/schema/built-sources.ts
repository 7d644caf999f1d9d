// Whether the running build was made from the sources beside it.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The same from src and from dist. */
const root = join(import.meta.dirname, "../..");
const sources = join(root, "src");
const record = join(root, "dist/.sources");

/**
 * Throws an error with a one-line message when the sources have changed since the build. An installed package
 * has no sources.
 */
export async function requireCurrentBuild(remedy: string): Promise<void> {
  const runsFromSources = join(import.meta.dirname, "..") === sources;
  if (runsFromSources || !existsSync(sources)) return;
  const built = await readFile(record, "utf8").catch(() => null);
  if (built !== (await digestOfSources()))
    throw new Error(`src has changed since the last build, which this command uses: ${remedy}`);
}

/** Hashes contents, not file times: a checkout of an older commit, or a copy, has meaningless times. */
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

/** Call it before a build: an interrupted build must not pass for a current one. */
export const removeBuildRecord = (): Promise<void> => rm(record, { force: true });

/** Call it after a build, with the digest from before: files edited meanwhile may not be in the build. */
export const writeBuildRecord = (digest: string): Promise<void> => writeFile(record, digest);
