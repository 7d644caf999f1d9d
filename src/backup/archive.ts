// The file of a backup: a tar archive whose last entry is the checksum of all bytes before it.
import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { Header } from "tar";
import { kibibytes } from "../sizes.ts";

export interface Entry {
  readonly path: string;
  readonly content: Buffer;
}

type Write = (bytes: Buffer) => Promise<void>;

export interface ArchiveWriter {
  add(entry: Entry): Promise<void>;
  /** Without it, the archive counts as cut off. */
  end(): Promise<void>;
}

/** An archive that cannot be read, in words that end the sentence "The backup … is damaged: ". */
export class DamagedArchive extends Error {}

const blockSize = 512;
const sumPath = "SHA256";
/** A limit for what a wrong size in a header makes us read. */
const maxEntry = kibibytes(64 * 1024);

export function createArchiveWriter(write: Write): ArchiveWriter {
  const hash = createHash("sha256");
  const writeHashed = async (bytes: Buffer): Promise<void> => {
    hash.update(bytes);
    await write(bytes);
  };
  return {
    add: async (entry) => {
      if (entry.content.length > maxEntry) throw new Error(`${entry.path} is too large for a backup.`);
      await writeHashed(encode(entry));
    },
    end: () => write(endingFor(hash.digest("hex"))),
  };
}

/**
 * Yields the entries, and throws behind the last one unless every byte of the file is as it was written: use nothing of them for
 * good before. Memory is bounded by one entry.
 */
export async function* readArchive(file: FileHandle): AsyncGenerator<Entry> {
  const { size } = await file.stat();
  const endsAt = size - endingFor("").length;
  if (endsAt < 0) throw new DamagedArchive("it is too short");
  const hash = createHash("sha256");
  let position = 0;
  const read = async (length: number): Promise<Buffer> => {
    if (position + length > endsAt) throw new DamagedArchive("it is cut off or was changed");
    const bytes = await readExactly(file, position, length);
    hash.update(bytes);
    position += length;
    return bytes;
  };
  while (position < endsAt) {
    const { path, length } = decodeHeader(await read(blockSize), position);
    const padded = await read(Math.ceil(length / blockSize) * blockSize);
    yield { path, content: padded.subarray(0, length) };
  }
  const expected = endingFor(hash.digest("hex"));
  if (!(await readExactly(file, endsAt, expected.length)).equals(expected))
    throw new DamagedArchive("its checksum is another one: it is cut off or was changed");
}

const encode = ({ path, content }: Entry): Buffer => {
  const header = Buffer.alloc(blockSize);
  // The same bytes for the same content: the ending is compared as a whole.
  const attributes = { type: "File", mode: 0o600, uid: 0, gid: 0, mtime: new Date(0) } as const;
  if (new Header({ ...attributes, path, size: content.length }).encode(header))
    throw new Error(`${path} is too long for a tar archive.`);
  return Buffer.concat([header, content, Buffer.alloc(-content.length & (blockSize - 1))]);
};

const decodeHeader = (
  block: Buffer,
  position: number,
): { readonly path: string; readonly length: number } => {
  const { path, size, cksumValid, type } = parseHeader(block) ?? {};
  if (!cksumValid || path === undefined || size === undefined || size > maxEntry || type !== "File")
    throw new DamagedArchive(`it is no archive of ours at byte ${position - blockSize}`);
  return { path, length: size };
};

/** The parser throws at numbers that are neither octal nor base 256, before it compares the checksum. */
const parseHeader = (block: Buffer): Header | null => {
  try {
    return new Header(block);
  } catch {
    return null;
  }
};

/** Two empty blocks end a tar archive. */
const endingFor = (sum: string): Buffer =>
  Buffer.concat([
    encode({ path: sumPath, content: Buffer.from(sum.padEnd(64, "0")) }),
    Buffer.alloc(2 * blockSize),
  ]);

const readExactly = async (file: FileHandle, position: number, length: number): Promise<Buffer> => {
  const bytes = Buffer.alloc(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, length - done, position + done);
    if (bytesRead === 0) throw new DamagedArchive("it is cut off");
    done += bytesRead;
  }
  return bytes;
};
