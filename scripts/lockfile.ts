// `node scripts/lockfile.ts [directory]`: finds entries of the lockfile that an install would trust without review.
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";

interface Manifest {
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
  readonly overrides?: Record<string, string>;
  /** npm's own list: true runs a package's install script, false is reviewed and not run. */
  readonly allowScripts?: Record<string, boolean>;
}

interface LockedPackage {
  readonly name?: string;
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
}

const [directory = "."] = process.argv.slice(2);
const read = (name: string) => JSON.parse(readFileSync(`${directory}/${name}`, "utf8"));
const manifest: Manifest = read("package.json");
const { "": root = {}, ...packages }: Record<string, LockedPackage> = read("package-lock.json").packages;

const nameOf = (path: string): string =>
  path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);

const problemsOfPackage = ([path, locked]: [string, LockedPackage]): string[] => {
  const rules: [boolean, string][] = [
    // SHA-1 can be forged.
    [!/^sha512-[A-Za-z0-9+/]{86}==$/.test(locked.integrity ?? ""), "has no SHA-512 integrity"],
    // A host of its own, a repository or a folder: its owner chooses what is installed.
    [locked.resolved !== undefined || locked.link === true, "comes from a place of its own"],
    [(locked.name ?? nameOf(path)) !== nameOf(path), `is ${locked.name} under another name`],
    [
      locked.hasInstallScript === true && manifest.allowScripts?.[nameOf(path)] === undefined,
      "has an install script, and is not in allowScripts of package.json",
    ],
  ];
  return rules.filter(([applies]) => applies).map(([, text]) => `${path} ${text}`);
};

const problemsOfRoot = (): string[] =>
  (["dependencies", "devDependencies", "optionalDependencies"] as const).flatMap((group) => {
    const asked = manifest[group] ?? {};
    if (!isDeepStrictEqual(asked, (root as Manifest)[group] ?? {}))
      return [`${group} of package.json are not those of package-lock.json`];
    // Exact versions: with a range, the next install would choose.
    return Object.entries(asked)
      .filter(([name, version]) => packages[`node_modules/${name}`]?.version !== version)
      .map(([name, version]) => `${name} ${version} of package.json is not what is locked`);
  });

/** The lockfile holds no overrides. `$name` means the version of the direct dependency. */
const problemsOfOverrides = (): string[] =>
  Object.entries(manifest.overrides ?? {}).flatMap(([name, override]) => {
    const version = override.startsWith("$") ? manifest.dependencies?.[override.slice(1)] : override;
    return Object.entries(packages)
      .filter(([path, locked]) => nameOf(path) === name && locked.version !== version)
      .map(([path]) => `${path} is not the ${version} that it is overridden with`);
  });

const problems = [
  ...Object.entries(packages).flatMap(problemsOfPackage),
  ...problemsOfRoot(),
  ...problemsOfOverrides(),
];
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
