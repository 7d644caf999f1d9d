import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ApplicationDirectory, makeApplication } from "../harness/application-directory.ts";

let app: ApplicationDirectory;
beforeEach(async () => {
  app = await makeApplication();
});
afterEach(() => app.remove());

const doctor = async () => {
  const { status, stdout } = await app.run("doctor");
  return { status, problems: stdout.split("\n").filter((line) => line.startsWith("problem")) };
};

test("doctor finds nothing wrong with a new application whose files were generated", async () => {
  await app.generate();
  expect(await doctor()).toEqual({ status: 0, problems: [] });
});

test("doctor names each file that is missing, and the command that writes it", async () => {
  const { status, problems } = await doctor();
  expect(status).toBe(1);
  expect(problems).toEqual([
    "problem  access.lock: is missing: npx graphward access --write",
    "problem  migrations: an entity has changed: npx graphward migration create <name>",
  ]);
});

test("doctor names a lock and a schema that are older than the code", async () => {
  await app.generate();
  const config = await app.read("graphward.config.ts");
  await app.write("graphward.config.ts", config.replaceAll("hello", "goodbye"));
  const { problems } = await doctor();
  expect(problems).toEqual([
    "problem  access.lock: access.lock does not match the schema:",
    "problem  schema.graphql: does not match the schema: npx graphward schema --write",
  ]);
});

describe("doctor and every command refuse", () => {
  test("a second copy of a package that is shared", async () => {
    await app.write("node_modules/graphql/package.json", '{ "name": "graphql", "version": "17.0.0" }');
    const message =
      /graphql is installed twice: 17\.0\.0 for the application, 16\.\S+ for Graphward\. Remove it/;
    expect((await doctor()).problems[0]).toMatch(message);
    expect(await app.run("access")).toMatchObject({ status: 1, stderr: expect.stringMatching(message) });
  });

  test("a permission, a type or a field that Graphward has", async () => {
    const config = await app.read("graphward.config.ts");
    await app.write("graphward.config.ts", config.replaceAll("hello", "viewer"));
    const message = "Query.viewer is defined twice: by ViewerResolver.viewer and by Hello.viewer.";
    expect((await doctor()).problems[0]).toBe(`problem  schema: ${message} Rename one.`);
    expect(await app.run("schema")).toMatchObject({ status: 1, stderr: expect.stringContaining(message) });
  });
});

test("doctor names a missing decorator option", async () => {
  await app.generate();
  await app.write("tsconfig.json", '{ "compilerOptions": { "module": "nodenext" } }');
  expect((await doctor()).problems[0]).toBe(
    'problem  tsconfig.json: needs "experimentalDecorators": true, as in "extends": "graphward/tsconfig.json"',
  );
});

test("doctor names a wrong setting and a database that cannot be reached", async () => {
  await app.generate();
  await app.write(".env", "PORT=x\n");
  expect((await doctor()).problems[0]).toContain("problem  settings: The configuration has 1 problem(s):");
  await app.write(".env", "DATABASE_URL=postgres://nobody@127.0.0.1:1/nothing\n");
  expect((await doctor()).problems[0]).toContain("problem  database: ");
});
