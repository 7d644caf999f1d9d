import { randomBytes } from "node:crypto";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createArchiveWriter, DamagedArchive, readArchive } from "../../src/backup/archive.ts";

const entries = ["manifest.json", "tables/0001-users/000001.copy.gz", "sums.json"].map((path, index) => ({
  path,
  content: randomBytes(index * 700 + 3),
}));
let directory: string;
let whole: Buffer;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "graphward-archive-"));
  const pieces: Buffer[] = [];
  const archive = createArchiveWriter(async (bytes) => void pieces.push(bytes));
  for (const entry of entries) await archive.add(entry);
  await archive.end();
  whole = Buffer.concat(pieces);
});
afterAll(() => rm(directory, { recursive: true }));

const read = async (bytes: Buffer) => {
  const path = join(directory, "archive");
  await writeFile(path, bytes);
  const file = await open(path);
  try {
    const found = [];
    for await (const entry of readArchive(file)) found.push(entry);
    return found;
  } finally {
    await file.close();
  }
};

test("an archive is read as it was written", async () => {
  expect(await read(whole)).toEqual(entries);
});

test("a header with a number in no encoding of tar is refused", async () => {
  // The first header's fields for mode, owner, group, size and time (POSIX ustar), each with 255 and 129 in front.
  const damages = [100, 108, 116, 124, 136].flatMap((position) =>
    [0xff, 0x81].map((first) =>
      Buffer.concat([whole.subarray(0, position), Buffer.of(first), whole.subarray(position + 1)]),
    ),
  );
  for (const bytes of damages) await expect(read(bytes)).rejects.toBeInstanceOf(DamagedArchive);
});

test("an archive with a byte changed, missing or added anywhere is refused", async () => {
  const damages = fc.oneof(
    fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 })).map(([position, change]) => {
      const bytes = Buffer.from(whole);
      bytes[position] = (bytes[position] ?? 0) ^ change;
      return bytes;
    }),
    fc.nat(whole.length - 1).map((length) => whole.subarray(0, length)),
    fc
      .nat(whole.length - 1)
      .map((position) => Buffer.concat([whole.subarray(0, position), whole.subarray(position + 1)])),
    fc.integer({ min: 1, max: 2000 }).map((length) => Buffer.concat([whole, Buffer.alloc(length)])),
  );
  await fc.assert(
    fc.asyncProperty(damages, async (bytes) => {
      await expect(read(bytes)).rejects.toBeInstanceOf(DamagedArchive);
    }),
    { numRuns: 300 },
  );
});
