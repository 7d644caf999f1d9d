// Packages that must exist once: a second copy refuses the objects of the first one, or leaks.
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { packageRoot } from "../../package-root.ts";

/** Graphward passes objects of these to the application, and takes the application's. */
const shared = ["graphql", "type-graphql", "@mikro-orm/core", "@mikro-orm/postgresql", "reflect-metadata"];

/** Keeps a connection for each statement that is cancelled: https://github.com/kysely-org/kysely/issues. */
const leakingKysely = "0.29.6";

/** A line for each mistake, with its remedy. `root`: the directory of the application. */
export function findPackageProblems(root: string): readonly string[] {
  return [...shared.flatMap((name) => findSecondCopy(name, root)), ...findKyselyProblem()];
}

const findSecondCopy = (name: string, root: string): string[] => {
  const [ours, theirs] = [findPackage(name, packageRoot), findPackage(name, root)];
  // Under pnpm the application sees none of them, which is as good.
  if (ours === null || theirs === null || ours.directory === theirs.directory) return [];
  return [
    `${name} is installed twice: ${theirs.version} for the application, ${ours.version} for Graphward. Remove it from package.json, and import from graphward, graphward/orm or graphward/entities.`,
  ];
};

/** MikroORM asks for a version of its own; only an override in the application's package.json changes that. */
const findKyselyProblem = (): string[] => {
  const ours = findPackage("kysely", packageRoot);
  const mikro = findPackage(
    "@mikro-orm/sql",
    findPackage("@mikro-orm/postgresql", packageRoot)?.directory ?? "",
  );
  const theirs = findPackage("kysely", mikro?.directory ?? packageRoot);
  const remedy = `Add to package.json: "overrides": { "kysely": "${ours?.version}" } (pnpm: in pnpm-workspace.yaml; yarn: "resolutions"), and install again.`;
  if (theirs?.version === leakingKysely) return [`kysely ${leakingKysely} loses connections. ${remedy}`];
  return ours !== null && theirs !== null && ours.directory !== theirs.directory
    ? [`kysely is installed twice: ${theirs.version} for MikroORM, ${ours.version} for Graphward. ${remedy}`]
    : [];
};

/** As Node finds it from this directory, without asking for an export of it. */
const findPackage = (
  name: string,
  from: string,
): { readonly directory: string; readonly version: string } | null => {
  const paths = createRequire(join(from, "package.json")).resolve.paths(name) ?? [];
  const found = paths.map((path) => join(path, name, "package.json")).find((path) => existsSync(path));
  if (found === undefined) return null;
  const manifest = realpathSync(found);
  return { directory: dirname(manifest), version: JSON.parse(readFileSync(manifest, "utf8")).version };
};
