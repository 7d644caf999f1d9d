// Finds and loads the application of the current directory: its graphward.config.ts, or what was built from it.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Application, noApplication, openApplication } from "../../application/application.ts";
import { isDefined } from "../../application/definition.ts";

const sourceName = "graphward.config.ts";

/**
 * The sources, where they are: then an access.lock or a migration is of the code that was just written. A deployed application
 * has only `dist`. Without both, Graphward serves its own schema.
 */
export async function loadApplication(): Promise<Application> {
  const root = process.cwd();
  if (hasSources(root)) return loadSources(root);
  const built = builtIn(root);
  return existsSync(built) ? load(built, root) : noApplication;
}

/** For `graphward start`: without a compiler in the process. Throws when the build is missing or older than its sources. */
export async function loadBuiltApplication(): Promise<Application> {
  const root = process.cwd();
  const built = builtIn(root);
  if (!existsSync(built)) {
    if (hasSources(root))
      throw new Error("The application is not built: npm run build, or npx graphward dev.");
    return noApplication;
  }
  if (hasSources(root)) {
    const { requireCurrentBuild } = await import("./compile.ts");
    await requireCurrentBuild(root);
  }
  return load(built, root);
}

/** tsx compiles decorators, which Node's own TypeScript does not. */
export async function loadSources(root: string): Promise<Application> {
  const { register } = await import("tsx/esm/api");
  register();
  return load(join(root, sourceName), root);
}

/** The current directory. Throws when it has no application. */
export function requireSources(): string {
  const root = process.cwd();
  if (hasSources(root)) return root;
  throw new Error(`This directory has no ${sourceName}: npm create graphward my-app makes an application.`);
}

export const hasSources = (root: string): boolean => existsSync(join(root, sourceName));

const builtIn = (root: string): string => join(root, "dist", sourceName.replace(/ts$/, "js"));

const load = async (path: string, root: string): Promise<Application> => {
  const { findPackageProblems } = await import("../doctor/packages.ts");
  const [problem] = findPackageProblems(root);
  // The errors that follow from it name neither the package nor the reason.
  if (problem !== undefined) throw new Error(problem);
  await import("reflect-metadata");
  const { default: definition }: { readonly default?: unknown } = await import(pathToFileURL(path).href);
  if (!isDefined(definition))
    throw new Error(
      `${path} must export default defineServer({ ... }). If it does, two copies of Graphward are installed: npm ls graphward`,
    );
  return openApplication(definition, root);
};
