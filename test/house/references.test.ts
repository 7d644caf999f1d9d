import { readdir, readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

const read = (path: string) => readFile(join(root, path), "utf8");

const filesBelow = async (folder: string, pattern: RegExp): Promise<readonly string[]> => {
  const names = await readdir(join(root, folder), { recursive: true });
  return names.map((name) => `${folder}/${name.replaceAll("\\", "/")}`).filter((path) => pattern.test(path));
};

const pages = [
  "README.md",
  "CHANGELOG.md",
  "SECURITY.md",
  "CONTRIBUTING.md",
  ...(await filesBelow("docs", /\.md$/)),
];

test("every document that the code names is in the repository", async () => {
  const code = [
    ...(await filesBelow("src", /\.tsx?$/)),
    ...(await filesBelow("test", /\.ts$/)),
    ...(await filesBelow("scripts", /\.ts$/)),
  ];
  const missing: string[] = [];
  for (const path of code)
    for (const [name] of (await read(path)).matchAll(/\b[\w/-]+\.md\b/g))
      if (!["", "docs/", "docs/reference/"].some((folder) => pages.includes(`${folder}${name}`)))
        missing.push(`${path}: ${name}`);
  expect(missing).toEqual([]);
});

test("every link of a document leads to a file, and to a heading where it names one", async () => {
  const broken: string[] = [];
  for (const page of pages)
    for (const [, target = ""] of (await read(page)).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
      const [path = "", anchor] = target.split("#");
      const file = path === "" ? page : normalize(join(dirname(page), path)).replaceAll("\\", "/");
      const text = await read(file).catch(() => null);
      const isThere = text !== null || (await readdir(join(root, file)).catch(() => null)) !== null;
      const hasHeading = anchor === undefined || anchorsOf(text ?? "").has(anchor);
      if (!isThere || !hasHeading) broken.push(`${page}: ${target}`);
    }
  expect(broken).toEqual([]);
});

/** As GitHub derives them from headings. */
const anchorsOf = (markdown: string): ReadonlySet<string> =>
  new Set(
    [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w -]/g, "")
        .replaceAll(" ", "-"),
    ),
  );
