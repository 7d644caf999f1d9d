// A template database with the tables of an application, made once for all files of a run.
import { createHash } from "node:crypto";
import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { register } from "tsx/esm/api";
import { builtInRoute, type Connection } from "../database/connecting/connection.ts";
import { migrate } from "../database/migrating/migrate.ts";
import { runAsAdmin } from "./admin.ts";
import { templateDatabase } from "./cluster.ts";

/** `migrations`: a directory. Other contents make another template, so that a watching run sees a changed migration. */
export async function findOrMakeTemplate(cluster: Connection, migrations: string): Promise<string> {
  const name = `${templateDatabase}_${await digestOf(migrations)}`;
  await runAsAdmin(cluster, async (run) => {
    // Until the connection ends. Other workers wait for the one that makes it.
    await run("select pg_advisory_lock(hashtextextended($1, 0))", [name]);
    if ((await run("select from pg_database where datname = $1", [name])).length > 0) return;
    const draft = `${name}_draft`;
    await run(`drop database if exists ${draft} with (force)`);
    await run(`create database ${draft} template ${templateDatabase} strategy file_copy`);
    await migrateApplication({ ...cluster, database: draft }, migrations);
    await run(`alter database ${draft} rename to ${name}`);
  });
  return name;
}

const migrateApplication = async (target: Connection, migrations: string): Promise<void> => {
  // Vitest compiles what a test imports, and not what our code loads.
  const unregister = register();
  try {
    const tables = { entities: [], migrations };
    await migrate(builtInRoute(target), { schema: "graphward", application: { tables, schema: "public" } });
  } finally {
    await unregister();
  }
};

const digestOf = async (directory: string): Promise<string> => {
  const files: string[] = [];
  for await (const file of glob("*.{js,ts}", { cwd: directory })) files.push(file);
  const hash = createHash("sha256").update(`${directory}\0`);
  for (const file of files.sort()) hash.update(`${file}\0`).update(await readFile(join(directory, file)));
  return hash.digest("hex").slice(0, 16);
};
