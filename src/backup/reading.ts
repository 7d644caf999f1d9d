// Reads a backup: checks every byte of it, then gives the rows of a table as the text of COPY.
import { createHash, type Hash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { kibibytes } from "../sizes.ts";
import { DamagedArchive, type Entry, readArchive } from "./archive.ts";
import { type Manifest, manifestPath, manifestShape, type Sums, sumsPath, sumsShape } from "./manifest.ts";
import { requireKnown } from "./versions.ts";

export interface Backup {
  readonly manifest: Manifest;
  readonly sums: Sums;
  /** Each table in the order of the manifest, with its rows. */
  tables(): AsyncGenerator<{ readonly folder: string; readonly rows: AsyncIterable<Buffer> }>;
  close(): Promise<void>;
}

/** More than the pieces that we write: what a wrong file may make of our memory. */
const maxPiece = kibibytes(4096);

/** Throws one line when a byte is missing or another one, before anything of the backup is used. */
export async function openBackup(path: string): Promise<Backup> {
  const file = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
    throw new Error(`The backup ${path} cannot be read: ${error.code}.`);
  });
  try {
    const checked = await check(file);
    return {
      ...checked,
      tables: () => tablesOf(file, checked.manifest),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    if (error instanceof DamagedArchive)
      throw new Error(`The backup ${path} is damaged: ${error.message}. Nothing was restored.`);
    throw error;
  }
}

const check = async (file: FileHandle): Promise<{ readonly manifest: Manifest; readonly sums: Sums }> => {
  const hashes = new Map<string, Hash>();
  let first: Entry | null = null;
  let last: Entry | null = null;
  for await (const entry of readArchive(file)) {
    first ??= entry;
    last = entry;
    if (!entry.path.endsWith(".gz")) continue;
    const folder = folderOf(entry);
    const hash = hashes.get(folder) ?? createHash("sha256");
    hashes.set(folder, hash.update(await decompress(entry)));
  }
  if (first?.path !== manifestPath || last?.path !== sumsPath)
    throw new DamagedArchive("it is an archive, and no backup of Graphward");
  const written = parse(first);
  requireKnown(written);
  const manifest = manifestShape.safeParse(written);
  const sums = sumsShape.safeParse(parse(last));
  if (!manifest.success || !sums.success) throw new DamagedArchive("its manifest cannot be read");
  for (const { folder } of manifest.data.tables) {
    const sum = (hashes.get(folder) ?? createHash("sha256")).digest("hex");
    if (sums.data[folder]?.sha256 !== sum)
      throw new DamagedArchive(`the rows in ${folder} have another checksum`);
  }
  return { manifest: manifest.data, sums: sums.data };
};

async function* tablesOf(file: FileHandle, { tables }: Manifest): ReturnType<Backup["tables"]> {
  const entries = readArchive(file);
  let next = await entries.next();
  const rowsOf = async function* (folder: string): AsyncGenerator<Buffer> {
    while (next.done !== true && next.value.path.startsWith(`${folder}/`)) {
      yield await decompress(next.value);
      next = await entries.next();
    }
  };
  next = await entries.next();
  for (const { folder } of tables) yield { folder, rows: rowsOf(folder) };
  // To the end: the file may have changed since it was checked.
  while (next.done !== true) next = await entries.next();
}

const folderOf = ({ path }: Entry): string => path.slice(0, path.lastIndexOf("/"));

const unzip = promisify(gunzip);

const decompress = async ({ path, content }: Entry): Promise<Buffer> => {
  try {
    return await unzip(content, { maxOutputLength: maxPiece });
  } catch {
    throw new DamagedArchive(`${path} cannot be decompressed`);
  }
};

const parse = ({ path, content }: Entry): unknown => {
  try {
    return JSON.parse(content.toString("utf8"));
  } catch {
    throw new DamagedArchive(`${path} cannot be read`);
  }
};
