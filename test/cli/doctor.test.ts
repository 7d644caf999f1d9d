import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { packageRoot } from "../../src/package-root.ts";
import { graphward } from "../harness/process.ts";

const files: Readonly<Record<string, string>> = {
  "package.json": '{ "name": "app", "type": "module" }',
  "tsconfig.json": '{ "extends": "graphward/tsconfig.json", "include": ["*.ts"] }',
  "graphward.config.ts": `
import { defineEntity, p } from "graphward/orm";
import { defineServer, Public, Query, Resolver } from "graphward";

const Note = defineEntity({ name: "Note", tableName: "notes", properties: { id: p.uuid().primary() } });

@Resolver()
class Hello {
  @Public()
  @Query(() => String)
  hello() {
    return "hello";
  }
}

export default defineServer({
  entities: [Note],
  resolvers: [Hello],
  migrations: new URL("./migrations/", import.meta.url),
});
`,
};

let root: string;
const environment = { LOG_LEVEL: "silent" };
const run = (...args: string[]) => graphward(args, { directory: root, environment });
const doctor = async () => {
  const { status, stdout } = await run("doctor");
  return { status, problems: stdout.split("\n").filter((line) => line.startsWith("problem")) };
};
const write = async (name: string, text: string) => {
  await mkdir(dirname(join(root, name)), { recursive: true });
  await writeFile(join(root, name), text);
};

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "graphward-doctor-"));
  for (const [name, text] of Object.entries(files)) await write(name, text);
  await mkdir(join(root, "node_modules"));
  await symlink(packageRoot, join(root, "node_modules/graphward"));
  await symlink(join(packageRoot, "node_modules/typescript"), join(root, "node_modules/typescript"));
});
afterEach(() => rm(root, { recursive: true }));

const generate = async () => {
  expect(await run("access", "--write")).toMatchObject({ status: 0 });
  expect(await run("schema", "--write")).toMatchObject({ status: 0 });
  expect(await run("migration", "create", "notes")).toMatchObject({ status: 0 });
};

test("doctor finds nothing wrong with a new application whose files were generated", async () => {
  await generate();
  expect(await doctor()).toEqual({ status: 0, problems: [] });
});

test("doctor names each file that is missing, and the command that writes it", async () => {
  const { status, problems } = await doctor();
  expect(status).toBe(1);
  expect(problems).toEqual([
    "problem  access.lock: is missing: npx graphward access --write",
    "problem  schema.graphql: is missing: npx graphward schema --write",
    "problem  migrations: an entity has changed: npx graphward migration create <name>",
  ]);
});

test("doctor names a lock and a schema that are older than the code", async () => {
  await generate();
  const config = await readFile(join(root, "graphward.config.ts"), "utf8");
  await write("graphward.config.ts", config.replaceAll("hello", "goodbye"));
  const { problems } = await doctor();
  expect(problems).toEqual([
    "problem  access.lock: access.lock does not match the schema:",
    "problem  schema.graphql: does not match the schema: npx graphward schema --write",
  ]);
});

describe("doctor and every command refuse", () => {
  test("a second copy of a package that is shared", async () => {
    await write("node_modules/graphql/package.json", '{ "name": "graphql", "version": "17.0.0" }');
    const message =
      /graphql is installed twice: 17\.0\.0 for the application, 16\.\S+ for Graphward\. Remove it/;
    expect((await doctor()).problems[0]).toMatch(message);
    expect(await run("access")).toMatchObject({ status: 1, stderr: expect.stringMatching(message) });
  });

  test("a permission, a type or a field that Graphward has", async () => {
    const config = await readFile(join(root, "graphward.config.ts"), "utf8");
    await write("graphward.config.ts", config.replaceAll("hello", "viewer"));
    const message = "Query.viewer is defined twice: by ViewerResolver.viewer and by Hello.viewer.";
    expect((await doctor()).problems[0]).toBe(`problem  schema: ${message} Rename one.`);
    expect(await run("schema")).toMatchObject({ status: 1, stderr: expect.stringContaining(message) });
  });
});

test("doctor names a missing decorator option", async () => {
  await generate();
  await write("tsconfig.json", '{ "compilerOptions": { "module": "nodenext" } }');
  expect((await doctor()).problems[0]).toBe(
    'problem  tsconfig.json: needs "experimentalDecorators": true, as in "extends": "graphward/tsconfig.json"',
  );
});

test("doctor names a wrong setting and a database that cannot be reached", async () => {
  await generate();
  await write(".env", "PORT=x\n");
  expect((await doctor()).problems[0]).toContain("problem  settings: The configuration has 1 problem(s):");
  await write(".env", "DATABASE_URL=postgres://nobody@127.0.0.1:1/nothing\n");
  expect((await doctor()).problems[0]).toContain("problem  database: ");
});
