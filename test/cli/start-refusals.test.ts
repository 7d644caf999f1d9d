import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { graphward } from "../harness/process.ts";

const root = join(import.meta.dirname, "../..");
let directory: string;
/** Nothing listens there: a start that goes on fails with another line. */
const environment = { DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" };

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "graphward-refusals-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const start = async (more: NodeJS.ProcessEnv = {}, program?: string): Promise<string> => {
  const { status, stdout, stderr } = await graphward(["start"], {
    directory,
    environment: { ...environment, ...more },
    ...(program !== undefined && { program }),
  });
  expect([status, stdout]).toEqual([1, ""]);
  return stderr;
};

test("a start with wrong settings names each of them", async () => {
  const lines = (await start({ PORT: "x", TRUST_PROXY: "all" })).split("\n");
  expect(lines[0]).toBe(`graphward: The configuration has ${2} problem(s):`);
  expect(lines.slice(1, 3)).toEqual([
    expect.stringMatching(/^ {2}PORT: /),
    expect.stringMatching(/^ {2}TRUST_PROXY: /),
  ]);
});

test("a start on an old Node says which one it needs, and where one is", async () => {
  const older = join(directory, "older.mjs");
  const versions = { ...process.versions, node: "20.20.2" };
  await writeFile(
    older,
    `Object.defineProperty(process, "versions", { value: ${JSON.stringify(versions)} });
     Object.defineProperty(process, "version", { value: "v20.20.2" });`,
  );
  expect(await start({ NODE_OPTIONS: `--import ${older}` })).toBe(
    "graphward: this is Node v20.20.2, and it needs 22.17 or later: start it through npm or npx in its folder, which bring one along\n",
  );
});

test("a start without a build says how to build", async () => {
  await cp(join(root, "bin"), join(directory, "bin"), { recursive: true });
  expect(await start({}, join(directory, "bin/graphward.js"))).toBe(
    "graphward: it is not built yet: npm run build\n",
  );
});

test("a start whose public surface nobody accepted shows the difference", async () => {
  for (const name of ["bin", "dist", "package.json"])
    await cp(join(root, name), join(directory, name), {
      recursive: true,
      filter: (path) => !path.endsWith("/assets"),
    });
  await symlink(join(root, "node_modules"), join(directory, "node_modules"));
  const lock = await readFile(join(root, "access.lock"), "utf8");
  await writeFile(join(directory, "access.lock"), lock.replace(/^.*Query\.public\b.*\n/m, ""));
  const difference = await start({}, join(directory, "bin/graphward.js"));
  expect(difference).toContain("graphward: access.lock does not match the schema:\n");
  expect(difference).toMatch(/Query\.public.*npx graphward access --write\n$/s);
});

test("a start whose kept secret is an empty file says which file cannot be read", async () => {
  await mkdir(join(directory, ".graphward"));
  await writeFile(join(directory, ".graphward/session-secret"), "");
  const line = `graphward: The secret in ${join(directory, ".graphward/session-secret")} cannot be read.\n`;
  expect(await start()).toBe(line);
});
