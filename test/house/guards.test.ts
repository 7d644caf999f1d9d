import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { guards } from "../guards/all.ts";

// `npm run test:guards` breaks them. Here: that each can be broken, and that the test which would notice is there.

const root = join(import.meta.dirname, "../..");

const testsFolder = join(root, "test");

/** By path below `test`, without the ending. */
const readTests = async (): Promise<ReadonlyMap<string, string>> => {
  const names = (await readdir(testsFolder, { recursive: true })).filter((name) => name.endsWith(".test.ts"));
  const texts = names.map(async (name) => {
    const text = await readFile(join(testsFolder, name), "utf8");
    return [name.replaceAll("\\", "/").replace(".test.ts", ""), text] as const;
  });
  return new Map(await Promise.all(texts));
};

/** Of tests and of what stands around them. */
const hasTitle = (text: string | undefined, title: string): boolean =>
  [...(text ?? "").matchAll(/\b(?:describe|test)(?:\.each[\s\S]*?\))?\(\s*(["'`])(.*?)\1/g)].some(
    ([, , found]) => found === title,
  );

test("each guard stands in its file once, and a test is named that would notice", async () => {
  const tests = await readTests();
  const wrong: string[] = [];
  for (const { file, code, broken, test, title } of guards) {
    const text = await readFile(join(root, file), "utf8");
    if (text.split(code).length !== 2) wrong.push(`${file} does not hold once: ${code}`);
    if (code === broken) wrong.push(`${file} is not broken by: ${broken}`);
    if (!hasTitle(tests.get(test), title)) wrong.push(`${test}.test.ts has no: ${title}`);
  }
  expect(wrong).toEqual([]);
});

/** The rows of tables that begin with a rule. */
const rulesIn = (document: string): readonly string[] => {
  const tables = document.split("\n\n").filter((text) => text.startsWith("| rule |"));
  return tables.flatMap((table) => table.trim().split("\n").slice(2));
};

test("every rule in docs/security.md names its tests, and each of these was seen to fail without its guard", async () => {
  const tests = await readTests();
  const rules = rulesIn(await readFile(join(root, "docs/security.md"), "utf8"));
  expect(rules.length).toBeGreaterThan(100);
  const wrong: string[] = [];
  for (const rule of rules) {
    const named = [...rule.matchAll(/\[([^\]]+)\]\(\.\.\/test\/([a-z/-]+)\.test\.ts\)/g)];
    if (named.length === 0) wrong.push(`No test: ${rule}`);
    for (const [, title = "", file = ""] of named) {
      if (!hasTitle(tests.get(file), title)) wrong.push(`${file}.test.ts has no: ${title}`);
      if (!guards.some((guard) => guard.test === file && guard.title === title))
        wrong.push(`Nobody has broken what ${file}.test.ts proves: ${title}`);
    }
  }
  expect(wrong).toEqual([]);
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
