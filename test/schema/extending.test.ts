import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { defineServer } from "../../src/application/definition.ts";
import { minutes } from "../../src/time.ts";
import { exampleDirectory } from "../harness/example.ts";

const repository = join(import.meta.dirname, "../..");
const page = await readFile(join(repository, "docs/extending.md"), "utf8");

/** A part of a file, a change of one, commands to run, or what the last of them prints. */
interface Block {
  readonly file: string | null;
  readonly language: string;
  readonly text: string;
}

const blocks: readonly Block[] = [...page.matchAll(/(?:^`([^`\n]+)`\n\n)?^```(\w+)\n(.*?)^```$/gms)].map(
  ([, file = null, language = "", text = ""]) => ({ file, language, text }),
);
const quotes = blocks.filter(({ language }) => language === "ts");

describe("docs/extending.md", () => {
  test.each(quotes.map(({ file, text }) => [file, text] as const))(
    "quotes %s as it is",
    async (file, text) => {
      const paths = [exampleDirectory, repository].map((directory) => join(directory, file ?? ""));
      expect(await readFile(paths.find(existsSync) ?? "", "utf8")).toContain(text);
    },
  );

  test("has a row for each key of defineServer, and no other", () => {
    expect(() => defineServer({ unknown: true } as never)).toThrow("It has: ");
    const rows = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, key]) => key);
    expect(rows).toEqual(keysOfDefinition());
  });

  test("names only files of the example", () => {
    const rows = page.match(/^\| `.*$/gm) ?? [];
    const named = rows.flatMap((row) => [...(row.split(" | ").at(-1) ?? "").matchAll(/`([\w./-]+)`/g)]);
    expect(named.length).toBeGreaterThan(8);
    const isMissing = (name = "") => !existsSync(join(exampleDirectory, name));
    expect(named.map(([, name]) => name).filter(isMissing)).toEqual([]);
  });
});

const keysOfDefinition = (): readonly string[] => {
  try {
    defineServer({ unknown: true } as never);
  } catch (error) {
    return /It has: (.*)\.$/.exec(String(error))?.[1]?.split(", ") ?? [];
  }
  return [];
};

describe("the commands of docs/extending.md", () => {
  let copy: string;
  beforeAll(async () => {
    copy = await copyExample();
  });
  afterAll(() => rm(copy, { recursive: true, force: true }));

  test(
    "do what the page says, in its order",
    async () => {
      let last: Ended = { code: 0, output: "" };
      for (const [index, { file, language, text }] of blocks.entries()) {
        if (language === "sh") {
          const isShown = blocks[index + 1]?.language === "text";
          for (const command of text.trimEnd().split("\n")) last = await run(copy, command);
          if (!isShown) expect(last.code, last.output).toBe(0);
        } else if (language === "text") {
          expect(last.output).toContain(text);
          expect(last.code).toBe(text.startsWith("graphward: ") ? 1 : 0);
        } else if (language === "diff" && file !== null) {
          const path = join(copy, file);
          await writeFile(path, change(await readFile(path, "utf8"), text));
        } else if (language !== "ts") {
          throw new Error(`Nobody could carry out this block:\n${text}`);
        }
      }
      const migrations = await readdir(join(copy, "migrations"));
      expect(migrations.filter((name) => name.endsWith("-task-notes.ts"))).toHaveLength(1);
      // With everything that the page has changed.
      expect((await run(copy, "npx tsc")).output).toBe("");
    },
    minutes(3),
  );
});

const notCopied = new Set([".graphward", "dist", "node_modules", "web"]);

/** As npm would have installed it. */
const copyExample = async (): Promise<string> => {
  const copy = await mkdtemp(join(tmpdir(), "graphward-extending-"));
  await cp(exampleDirectory, copy, { recursive: true, filter: (path) => !notCopied.has(basename(path)) });
  const [from, to] = [join(repository, "node_modules"), join(copy, "node_modules")];
  await mkdir(join(to, ".bin"), { recursive: true });
  for (const name of ["@types", "dataloader", "typescript", "vitest"])
    await symlink(join(from, name), join(to, name));
  await symlink(repository, join(to, "graphward"));
  for (const name of ["tsc", "vitest"]) await symlink(join(from, ".bin", name), join(to, ".bin", name));
  await symlink(join(repository, "bin/graphward.js"), join(to, ".bin/graphward"));
  return copy;
};

/** Like `git apply`, without line numbers: each part between `@@` must be found exactly once. */
const change = (content: string, diff: string): string =>
  diff.split("@@\n").reduce((current, part) => {
    const lines = part.split(/^/m);
    const keep = (sign: string) =>
      lines
        .filter((line) => line[0] === " " || line[0] === sign || line === "\n")
        .map((line) => (line === "\n" ? line : line.slice(1)))
        .join("");
    const before = keep("-");
    expect(current.split(before), `to be changed:\n${before}`).toHaveLength(2);
    return current.replace(before, () => keep("+"));
  }, content);

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

const run = async (directory: string, command: string): Promise<Ended> => {
  const { PATH = "", HOME = "", TMPDIR = tmpdir() } = process.env;
  // Nothing else of this run's: npm and Vitest would take its variables for theirs.
  const env = { PATH, HOME, TMPDIR, npm_config_offline: "true" };
  const child = spawn("sh", ["-c", command], { cwd: directory, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  const [code]: (number | null)[] = await once(child, "close");
  return { code: code ?? null, output };
};
