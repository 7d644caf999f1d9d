import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readRooms, readTestName, testsFolder } from "./guard.ts";
import { describeSecurityIndex } from "./security-index.ts";

// `npm run test:guards` breaks each guard. This file only checks that each can be broken, and that its test exists.

const root = join(testsFolder, "..");

const rooms = await readRooms();

/** By path below `test`, without the extension. */
const readTests = async (): Promise<ReadonlyMap<string, string>> => {
  const names = (await readdir(testsFolder, { recursive: true })).filter((name) => name.endsWith(".test.ts"));
  const texts = names.map(async (name) => {
    const text = await readFile(join(testsFolder, name), "utf8");
    return [name.replaceAll("\\", "/").replace(".test.ts", ""), text] as const;
  });
  return new Map(await Promise.all(texts));
};

/** Titles of tests and of the `describe` blocks around them. */
const hasTitle = (text: string | undefined, title: string): boolean =>
  [
    ...(text ?? "").matchAll(/\b(?:describe|test)(?:\.concurrent)?(?:\.each[\s\S]*?\))?\(\s*(["'`])(.*?)\1/g),
  ].some(([, , found]) => found === title);

test("each guard stands in its file once, and a test of its room is named that would notice", async () => {
  const tests = await readTests();
  const wrong: string[] = [];
  for (const room of rooms)
    for (const [path, from, to, name] of room.guards) {
      const text = await readFile(join(root, path), "utf8");
      const { file, title } = readTestName(room, name);
      if (text.split(from).length !== 2) wrong.push(`${path} does not hold once: ${from}`);
      if (from === to) wrong.push(`${path} is not broken by: ${to}`);
      if (name.startsWith(`${file}: `)) wrong.push(`${room.path}/guards.ts has a guard of: ${file}`);
      if (!hasTitle(tests.get(file), title)) wrong.push(`${file}.test.ts has no: ${title}`);
    }
  expect(wrong).toEqual([]);
});

test("every security rule names its tests, and each of these was seen to fail without its guard", async () => {
  const tests = await readTests();
  const broken = new Set(
    rooms.flatMap((room) => room.guards.map(([, , , name]) => testOf(readTestName(room, name)))),
  );
  const wrong: string[] = [];
  for (const room of rooms)
    for (const [sentence, , ...names] of room.rules) {
      if (names.length === 0) wrong.push(`No test: ${sentence}`);
      for (const named of names.map((name) => readTestName(room, name))) {
        if (!hasTitle(tests.get(named.file), named.title))
          wrong.push(`${named.file}.test.ts has no: ${named.title}`);
        if (!broken.has(testOf(named)))
          wrong.push(`Nobody has broken what ${named.file}.test.ts proves: ${named.title}`);
      }
    }
  expect(wrong).toEqual([]);
  expect(rooms.flatMap(({ rules }) => rules).length).toBeGreaterThan(100);
});

const testOf = ({ file, title }: { readonly file: string; readonly title: string }) => `${file}: ${title}`;

test("docs/security-index.md lists the rules as they are: npm run security:index", async () => {
  const written = await readFile(join(root, "docs/security-index.md"), "utf8");
  expect(written).toBe(describeSecurityIndex(rooms));
});

test("docs/asvs.md counts its verdicts, and has each requirement of its chapters once, in order", async () => {
  const document = await readFile(join(root, "docs/asvs.md"), "utf8");
  const rows = [...document.matchAll(/^\| (\d+)\.(\d+)\.(\d+) \| ([^|]+) \| (.+) \|$/gm)];
  const places = rows.map(([, chapter, section, number]) => [chapter, section, number].map(Number));
  expect(places).toEqual(
    places.toSorted(([a = 0, b = 0, c = 0], [d = 0, e = 0, f = 0]) => a - d || b - e || c - f),
  );
  expect(new Set(places.map(String)).size).toBe(rows.length);
  const told = [...document.matchAll(/^\| ([a-z' ]+) \| (\d+) \|$/gm)].map(([, verdict, count]) => [
    verdict,
    Number(count),
  ]);
  const counted = Map.groupBy(rows, ([, , , , verdict]) => verdict);
  expect(Object.fromEntries(told)).toEqual(
    Object.fromEntries([...counted].map(([verdict, of]) => [verdict, of.length])),
  );
});
