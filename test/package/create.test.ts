import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const program = join(import.meta.dirname, "../../packages/create-graphward/bin/create-graphward.js");

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "create-graphward-"));
});
afterAll(() => rm(folder, { recursive: true }));

interface Ended {
  readonly status: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

const create = (
  args: readonly string[],
  userAgent = "npm/11.19.1 node/v24.21.0",
  options: readonly string[] = [],
): Promise<Ended> =>
  new Promise((resolve) => {
    const env = { PATH: process.env.PATH, npm_config_user_agent: userAgent };
    execFile(
      process.execPath,
      [...options, program, ...args],
      { cwd: folder, env },
      (error, stdout, stderr) => resolve({ status: error?.code ?? 0, stdout, stderr }),
    );
  });

const filesOf = async (directory: string): Promise<string[]> =>
  (await readdir(join(folder, directory), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);

describe("create-graphward", () => {
  test("writes at most 12 files, of which at most 20 lines are configuration", async () => {
    expect(await create(["small"])).toMatchObject({ status: 0, stderr: "" });
    expect(await filesOf("small")).toHaveLength(12);
    const configuration = ["graphward.config.ts", "vitest.config.ts", "tsconfig.json"];
    const texts = await Promise.all(
      configuration.map((name) => readFile(join(folder, "small", name), "utf8")),
    );
    expect(texts.join("").trimEnd().split("\n").length).toBeLessThanOrEqual(20);
  });

  test("names the application after its directory", async () => {
    await create(["named"]);
    expect(JSON.parse(await readFile(join(folder, "named/package.json"), "utf8")).name).toBe("named");
    expect(await readFile(join(folder, "named", "README.md"), "utf8")).toMatch(/^# named\n/);
    expect(await readFile(join(folder, "named/.gitignore"), "utf8")).toContain("node_modules/\n");
  });

  test("depends on its own version of graphward, on another one, or on a tarball", async () => {
    const { version } = JSON.parse(await readFile(join(program, "../../package.json"), "utf8"));
    for (const [name, args, expected] of [
      ["own", [], `^${version}`],
      ["other", ["--graphward", "2.0.0"], "2.0.0"],
      ["packed", ["--graphward", "./some.tgz"], `file:${join(folder, "some.tgz")}`],
    ] as const) {
      await create([name, ...args]);
      const { dependencies } = JSON.parse(await readFile(join(folder, name, "package.json"), "utf8"));
      expect(dependencies).toEqual({ graphward: expected });
    }
  });

  test.each([
    ["npm/11.19.1 node/v24.21.0", "npm install", "npm run dev"],
    ["pnpm/12.21.0 npm/? node/v24.21.0", "pnpm install", "pnpm dev"],
    ["yarn/1.22.22 npm/? node/v24.21.0", "yarn install", "yarn dev"],
    ["", "npm install", "npm run dev"],
  ])("run by %s: says how to go on with it", async (userAgent, install, dev) => {
    const name = `next-${userAgent.split("/")[0] || "none"}`;
    const { stdout } = await create([name], userAgent);
    expect(stdout).toContain(`  cd ${name}\n  ${install}\n  ${dev}`);
  });

  test("--help says how it is called", async () => {
    expect(await create(["--help"])).toMatchObject({
      status: 0,
      stdout: "Usage: create-graphward <directory> [--graphward <version or tarball>]\n",
    });
  });

  describe("refuses in one line, and writes nothing:", () => {
    test.each([
      ["no directory", [], "name one directory: npm create graphward@latest my-app"],
      ["two directories", ["a", "b"], "name one directory: npm create graphward@latest my-app"],
      ["an unknown option", ["a", "--force"], expect.stringContaining("'--force'")],
      [
        "a name that npm refuses",
        ["My App"],
        '"My App" is no name of a package: use lower-case letters, digits and hyphens',
      ],
      ["a directory with files", ["full"], expect.stringContaining("full is not empty")],
      ["a file", ["full/file"], expect.stringContaining("file is a file")],
    ] as const)("%s", async (_what, args, text) => {
      await mkdir(join(folder, "full"), { recursive: true });
      await writeFile(join(folder, "full/file"), "kept");
      const before = await readdir(folder);
      const { status, stderr } = await create(args);
      expect(status).toBe(1);
      expect(stderr.split("\n")).toEqual([expect.stringMatching(/^create-graphward: /), ""]);
      expect(stderr.replace("create-graphward: ", "").trimEnd()).toEqual(text);
      expect(await readdir(folder)).toEqual(before);
      expect(await readdir(join(folder, "full"))).toEqual(["file"]);
    });
  });

  test("refuses an old Node in one line", async () => {
    const old =
      'data:text/javascript,for (const [name, value] of [["version", "v18.20.8"], ["versions", { node: "18.20.8" }]]) Object.defineProperty(process, name, { value })';
    expect(await create(["old"], "", ["--import", old])).toEqual({
      status: 1,
      stdout: "",
      stderr: "create-graphward: this is Node v18.20.8, and it needs 20 or later\n",
    });
  });

  test("takes an empty repository", async () => {
    await mkdir(join(folder, "cloned/.git"), { recursive: true });
    expect(await create(["cloned"])).toMatchObject({ status: 0 });
  });
});
