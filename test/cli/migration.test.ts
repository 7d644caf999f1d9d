import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type ApplicationDirectory, makeApplication } from "../harness/application-directory.ts";

let app: ApplicationDirectory;
beforeEach(async () => {
  app = await makeApplication();
  await app.generate();
});
afterEach(() => app.remove());

const addColumn = async () => {
  const config = await app.read("graphward.config.ts");
  await app.write("graphward.config.ts", config.replace(".primary() }", ".primary(), text: p.text() }"));
};

test("migration check runs the migrations, and names what the entities need beyond them", async () => {
  expect(await app.run("migration", "check")).toMatchObject({
    status: 0,
    stdout: "The migrations match the entities.\n",
  });
  await addColumn();
  const { status, stderr } = await app.run("migration", "check");
  expect(status).toBe(1);
  expect(stderr).toContain('alter table "notes" add "text" text not null;');
  expect(stderr).toContain("Write what is missing: npx graphward migration create <name>");
  const { stdout } = await app.run("migration", "create", "text");
  expect(stdout).toMatch(/^migrations\/\d{14}-text\.ts\n$/);
  expect(await app.run("migration", "check")).toMatchObject({ status: 0 });
});

test("migration check sees a migration that a merge lost, though the snapshot has it", async () => {
  await addColumn();
  const { stdout } = await app.run("migration", "create", "text");
  await rm(join(app.root, stdout.trim()));
  expect(await app.run("migration", "create", "again")).toMatchObject({
    stdout: "The entities need no migration.\n",
  });
  const { status, stderr } = await app.run("migration", "check");
  expect(status).toBe(1);
  expect(stderr).toContain('alter table "notes" add "text" text not null;');
  expect(stderr).toContain("A migration was lost.");
});

test("migration check --write mends a snapshot that a merge has spoilt", async () => {
  const snapshot = await app.read("migrations/.snapshot.json");
  await app.write("migrations/.snapshot.json", '{ "namespaces": [], "tables": [] }');
  const { status, stderr } = await app.run("migration", "check");
  expect(status).toBe(1);
  expect(stderr).toContain("but .snapshot.json does not");
  expect(await app.run("migration", "check", "--write")).toMatchObject({ status: 0 });
  expect(await app.read("migrations/.snapshot.json")).toBe(snapshot);
});

test("a migration refers to our tables in whatever schema they are", async () => {
  const config = await app.read("graphward.config.ts");
  const owner = "owner: () => p.manyToOne(User)";
  await app.write(
    "graphward.config.ts",
    `import { User } from "graphward/entities";${config.replace(".primary() }", `.primary(), ${owner} }`)}`,
  );
  const { stdout } = await app.run("migration", "create", "owner");
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a template
  const reference = 'references ${this.graphward}."users" ("id")';
  expect(await app.read(stdout.trim())).toContain(reference);
  expect(await app.run("migration", "check")).toMatchObject({ status: 0 });
});
