// The examinations of `graphward doctor`, in an order in which one finds the cause of the next.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Application } from "../../application/application.ts";
import { packageRoot } from "../../package-root.ts";
import { findCompiler } from "../application/compiler.ts";
import { hasSources, loadApplication } from "../application/load.ts";
import { findPackageProblems } from "./packages.ts";

export interface Examined {
  readonly what: string;
  /** Null: none was found. */
  readonly problem: string | null;
}

/** Stops where the next examination could not be trusted. */
export async function* examine(root: string): AsyncGenerator<Examined> {
  const packages = findPackageProblems(root);
  yield { what: "packages", problem: packages.length === 0 ? null : packages.join("\n         ") };
  if (hasSources(root)) yield { what: "tsconfig.json", problem: findCompilerProblem(root) };

  const loaded = await attempt(loadApplication);
  yield { what: "graphward.config.ts", problem: loaded.problem };
  if (loaded.value === null) return;
  yield* examineApplication(loaded.value);
}

async function* examineApplication(application: Application): AsyncGenerator<Examined> {
  const { buildGuardedSchema, withFederation } = await import("../../schema/build.ts");
  const { requireAccessLock } = await import("../../schema/access-lock-file.ts");
  const { printGuardedSchema } = await import("../../auth/access/definition.ts");
  const { readConfig } = await import("../../config/config.ts");
  // As it is printed, before federation adds to it.
  const built = await attempt(() => printGuardedSchema(buildGuardedSchema(application)));
  yield { what: "schema", problem: built.problem };
  if (built.value === null) return;

  const lock = join(application.root, "access.lock");
  const locked = await attempt(() =>
    requireAccessLock(buildGuardedSchema(application, withFederation), application.root),
  );
  yield { what: "access.lock", problem: existsSync(lock) ? locked.problem : missing("access --write") };
  const written = await readFile(join(application.root, "schema.graphql"), "utf8").catch(() => null);
  const stale = written === built.value ? null : "does not match the schema: npx graphward schema --write";
  // An application whose clients do not need it has none.
  if (written !== null) yield { what: "schema.graphql", problem: stale };
  if (application.root !== packageRoot)
    yield { what: "migrations", problem: await findMigrationProblem(application) };

  const config = await attempt(() => readConfig(undefined, application.settings));
  yield { what: "settings", problem: config.problem };
  if (config.value === null) return;
  const { databaseUrl, dataDir } = config.value;
  if (databaseUrl !== null || existsSync(dataDir))
    yield { what: "database", problem: await findDatabaseProblem(config.value, application) };
}

const missing = (command: string): string => `is missing: npx graphward ${command}`;

/** type-graphql and MikroORM read the decorators of the older proposal. Without the option, TypeScript compiles others. */
const findCompilerProblem = (root: string): string | null => {
  const compiler = findCompiler(root);
  const { status, stdout } = spawnSync(process.execPath, [compiler, "--project", root, "--showConfig"], {
    encoding: "utf8",
  });
  if (status !== 0) return stdout.trim();
  const { compilerOptions = {} } = JSON.parse(stdout);
  return compilerOptions.experimentalDecorators === true
    ? null
    : 'needs "experimentalDecorators": true, as in "extends": "graphward/tsconfig.json"';
};

const findMigrationProblem = async ({ tables }: Application): Promise<string | null> => {
  const { isSnapshotBehind } = await import("../../database/migrating/create-migration.ts");
  const { value, problem } = await attempt(() => isSnapshotBehind(tables));
  return value === true ? "an entity has changed: npx graphward migration create <name>" : problem;
};

const findDatabaseProblem = async (
  config: Parameters<typeof import("../../database/open.ts").openDatabase>[0],
  { tables }: Application,
): Promise<string | null> => {
  const { openDatabase } = await import("../../database/open.ts");
  const { value, problem } = await attempt(async () => {
    const opened = await openDatabase(config, null, tables);
    try {
      const missing = await opened.findMissingMigrations();
      if (missing.length > 0) return `lacks ${missing.join(", ")}: npx graphward migrate`;
      await opened.requireRights();
      return null;
    } finally {
      await opened.close();
    }
  });
  return value ?? problem;
};

const attempt = async <Value>(
  work: () => Value | Promise<Value>,
): Promise<{ readonly value: Value | null; readonly problem: string | null }> => {
  try {
    return { value: await work(), problem: null };
  } catch (error) {
    return { value: null, problem: error instanceof Error ? error.message : String(error) };
  }
};
