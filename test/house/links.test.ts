// What documents point to: every relative link and anchor, and every file of ours that is named.
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { beforeAll, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

let pages: ReadonlyMap<string, string>;
beforeAll(async () => {
  const ours = await readdir(join(root, "docs"), { recursive: true });
  const names = [...(await readdir(root)), ...ours.map((name) => join("docs", name))];
  const paths = names.filter((name) => name.endsWith(".md"));
  pages = new Map(
    await Promise.all(
      paths.map(async (path) => [path, withoutCode(await readFile(join(root, path), "utf8"))] as const),
    ),
  );
});

const withoutCode = (text: string): string => text.replaceAll(/^```.*?^```$/gms, "");

/** As GitHub makes it of a heading. */
const anchorsIn = (text: string): ReadonlySet<string> => {
  const anchors = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .replaceAll(/\[([^\]]+)\]\([^)]+\)/g, "$1")
      .toLowerCase()
      .replaceAll(/[^\p{Letter}\p{Number}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
  return new Set(anchors);
};

test("every relative link leads to a file, and to a heading in it", () => {
  const broken: string[] = [];
  let count = 0;
  for (const [path, text] of pages)
    for (const [, target = ""] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      count += 1;
      const [file = "", anchor] = target.split("#");
      const found = file === "" ? path : relative(root, resolve(root, dirname(path), file));
      const isThere = existsSync(join(root, found));
      const page = pages.get(found);
      if (!isThere || (anchor !== undefined && page !== undefined && !anchorsIn(page).has(anchor)))
        broken.push(`${path}: ${target}`);
    }
  expect(count).toBeGreaterThan(50);
  expect(broken).toEqual([]);
});

test("every file that a page names is there", () => {
  const missing = [...pages].flatMap(([path, text]) =>
    [...text.matchAll(/`((?:src|test|scripts|bench|docs)\/[\w./-]*)`/g)]
      // docs/extending.md adds files to src.
      .filter(([, name = ""]) => path !== "docs/extending.md" && !existsSync(join(root, name)))
      .map(([, name = ""]) => `${path}: ${name}`),
  );
  expect(missing).toEqual([]);
});

test("every page below docs is linked from another one", () => {
  const linked = new Set(
    [...pages].flatMap(([path, text]) =>
      [...text.matchAll(/\]\(([^)#\s]+)/g)].map(([, target = ""]) =>
        relative(root, resolve(root, dirname(path), target)),
      ),
    ),
  );
  expect([...pages.keys()].filter((path) => path.startsWith("docs") && !linked.has(path))).toEqual([]);
});
