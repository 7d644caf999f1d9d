import { chmod, cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { graphward } from "../harness/process.ts";

const root = join(import.meta.dirname, "../..");
let checkout: string;

beforeEach(async () => {
  checkout = await mkdtemp(join(tmpdir(), "graphward-checkout-"));
  await chmod(checkout, 0o755);
  for (const name of ["bin", "src", "dist", "package.json", "access.lock"])
    await cp(join(root, name), join(checkout, name), { recursive: true });
  await symlink(join(root, "node_modules"), join(checkout, "node_modules"));
});
afterEach(() => rm(checkout, { recursive: true, force: true }));

const write = () =>
  graphward(["access", "--write"], { program: join(checkout, "bin/graphward.js"), directory: checkout });
const lock = () => readFile(join(checkout, "access.lock"), "utf8");
const change = async (file: string, text: string) => {
  const path = join(checkout, file);
  await writeFile(path, (await readFile(path, "utf8")) + text);
};

test("access --write accepts the schema of a build that is current", async () => {
  const before = await lock();
  await writeFile(join(checkout, "access.lock"), "");
  expect(await write()).toMatchObject({
    status: 0,
    stdout: "access.lock was written. Commit it.\n",
    stderr: "",
  });
  expect(await lock()).toBe(before);
});

test("access --write refuses a build that is older than the sources, and says how to build", async () => {
  await change("src/resolvers/index.ts", "// Another resolver, perhaps.\n");
  await writeFile(join(checkout, "access.lock"), "");
  const { status, stderr } = await write();
  expect([status, stderr]).toEqual([
    1,
    "graphward: src has changed since the last build, which this command uses: npm run access -- --write builds first\n",
  ]);
  expect(await lock()).toBe("");
});

test("access --write refuses a build that did not come to its end", async () => {
  await rm(join(checkout, "dist/.sources"));
  expect((await write()).status).toBe(1);
});

test("an installed package has no sources, and nothing that could be stale", async () => {
  await rm(join(checkout, "src"), { recursive: true });
  expect((await write()).status).toBe(0);
});
