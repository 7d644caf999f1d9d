// A secret that is generated once and kept in DATA_DIR.
import { randomBytes } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

export const requireKeptSecret = async (dataDir: string, name: string): Promise<string> => {
  const path = join(dataDir, name);
  const kept = await read(path);
  if (kept !== null) return kept;

  // Written to a draft and linked into place: when two servers start for the first time, one secret wins, and both read it.
  const draft = `${path}.${process.pid}`;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await writeFile(draft, randomBytes(48).toString("base64url"), { mode: 0o600 });
  await link(draft, path).catch(unlessExists);
  await rm(draft);
  const made = await read(path);
  if (made === null) throw new Error(`The secret in ${path} cannot be read.`);
  return made;
};

/** Null when none was generated yet. */
export const findKeptSecret = (dataDir: string, name: string): Promise<string | null> =>
  read(join(dataDir, name));

const read = async (path: string): Promise<string | null> => {
  try {
    return (await readFile(path, "utf8")).trim() || null;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
};

const unlessExists = (error: NodeJS.ErrnoException): void => {
  if (error.code !== "EEXIST") throw error;
};
