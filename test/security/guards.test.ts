import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { guards } from "../guards/all.ts";

// `npm run test:guards` breaks them. Here: that each can be broken, and that the test which would notice is there.

const root = join(import.meta.dirname, "../..");

const readTests = async (): Promise<ReadonlyMap<string, string>> => {
  const names = (await readdir(import.meta.dirname)).filter((name) => name.endsWith(".test.ts"));
  const texts = names.map(async (name) => {
    const text = await readFile(join(import.meta.dirname, name), "utf8");
    return [name.replace(".test.ts", ""), text] as const;
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
