import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

const readLines = async (): Promise<readonly string[]> => {
  const page = await readFile(join(root, "docs/operating.md"), "utf8");
  const [, table = ""] = page.split("\n## If you see this line\n");
  return [...table.matchAll(/^\| `(.+?)` \|/gm)].map(([, line = ""]) => line);
};

const readTests = async (): Promise<string> => {
  const names = await readdir(join(root, "test"), { recursive: true });
  const texts = names
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => readFile(join(root, "test", name), "utf8"));
  return (await Promise.all(texts)).join("\n");
};

test("every line that docs/operating.md explains is expected by a test", async () => {
  const tests = await readTests();
  // The variable parts are written as an ellipsis: the longest fixed part identifies the line.
  const fixedPart = (line: string) =>
    line
      .split("…")
      .sort((a, b) => b.length - a.length)[0]
      ?.trim() ?? line;

  const lines = await readLines();

  expect(lines.length).toBeGreaterThan(1);
  expect(lines.filter((line) => !tests.includes(fixedPart(line)))).toEqual([]);
});
