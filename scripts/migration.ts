// `npm run migration:create <name>` writes the migration that the entities need; `npm run migration:check` fails when one is missing.
import "reflect-metadata";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { builtInRoute } from "../src/database/connecting/connection.ts";
import { createOrm } from "../src/database/orm.ts";

const directory = join(import.meta.dirname, "../src/database/migrations");

// Never connected: the committed snapshot records the state after all migrations.
const nowhere = { host: "localhost", port: 5432, user: "offline", password: "", database: "offline" };
const orm = createOrm(builtInRoute(nowhere), {
  migrations: {
    path: directory,
    pathTs: directory,
    emit: "ts",
    snapshot: true,
    snapshotName: ".snapshot",
    fileName: (timestamp, name) => `${timestamp}-${name ?? "unnamed"}`,
  },
});

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const create = async (name: string | undefined): Promise<void> => {
  if (name === undefined || !/^[a-z][a-z0-9-]*$/.test(name))
    throw new Error("Usage: npm run migration:create <name-in-lower-case>");
  const { fileName } = await orm.migrator.create(directory, false, false, name);
  if (fileName === "") return print("The entities need no migration.");
  // Formatted, so that the diff of the snapshot shows only real changes.
  execFileSync("biome", ["format", "--write", directory], { stdio: "ignore" });
  print(`src/database/migrations/${fileName}`);
};

const check = async (): Promise<void> => {
  if (await orm.migrator.checkSchema())
    throw new Error("An entity has changed without a migration: npm run migration:create <name>");
};

const [command, name] = process.argv.slice(2);
try {
  await (command === "check" ? check() : create(name));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await orm.close();
}
