// Where a backup is written to: a file that appears when it is complete, or standard output.
import { once } from "node:events";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

type Write = (bytes: Buffer) => Promise<void>;

/** The file is readable by its owner only, and takes the place of another one only when asked. */
export async function writeToFile<Value>(
  path: string,
  { force }: { readonly force: boolean },
  work: (write: Write) => Promise<Value>,
): Promise<Value> {
  // Before the work, which may take hours. Asked again behind it, because another process may write the same file.
  if (!force) await claim(path, { keep: false });
  const draft = `${path}.${process.pid}.unfinished`;
  const file = await open(draft, "wx", 0o600).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`The backup ${path} cannot be written: ${error.code}.`);
  });
  try {
    const value = await work((bytes) => file.appendFile(bytes));
    await file.sync();
    await file.close();
    if (!force) await claim(path, { keep: true });
    await rename(draft, path);
    await syncDirectory(dirname(path));
    return value;
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(draft, { force: true });
    throw error;
  }
}

export function writeToStandardOutput<Value>(work: (write: Write) => Promise<Value>): Promise<Value> {
  if (process.stdout.isTTY)
    throw new Error("A backup is no text for a terminal: name a file, or use a pipe.");
  return work(async (bytes) => {
    if (!process.stdout.write(bytes)) await once(process.stdout, "drain");
  });
}

const claim = async (path: string, { keep }: { readonly keep: boolean }): Promise<void> => {
  const made = await open(path, "wx", 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "EEXIST") throw new Error(`${path} exists: choose another name, or add --force.`);
    throw new Error(`The backup ${path} cannot be written: ${error.code}.`);
  });
  await made.close();
  if (!keep) await rm(path);
};

/** So that a power cut does not lose the name. Windows opens no directory. */
const syncDirectory = async (path: string): Promise<void> => {
  let directory: FileHandle | null = null;
  try {
    directory = await open(path, "r");
    await directory.sync();
  } catch {
    // The file itself is on the disk.
  } finally {
    await directory?.close();
  }
};
