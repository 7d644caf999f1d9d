// `npm run template`: writes what the template of create-graphward and the example repeat: versions, and the template's access.lock. With --check, compares.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isNodeFromNpm } from "./published-manifest.ts";

const root = join(import.meta.dirname, "..");
const creator = join(root, "packages/create-graphward");
const template = join(creator, "template");
const example = join(root, "examples/team-tasks");
const isCheck = process.argv.includes("--check");

const read = (path: string): string => readFileSync(path, "utf8");

const ours = JSON.parse(read(join(root, "package.json")));

/** What an application installs with install scripts. */
const builds = ["argon2", "@apollo/protobufjs", "esbuild", ...Object.keys(ours.optionalDependencies)].filter(
  (name) => ours.allowScripts[name] !== undefined,
);
const allowed = Object.fromEntries(builds.map((name) => [name, ours.allowScripts[name]]));
const { kysely } = ours.dependencies;

const manifest = (path: string, change: (content: Manifest) => object): string =>
  `${JSON.stringify(change(JSON.parse(read(path))), null, 2)}\n`;

interface Manifest extends Readonly<Record<string, unknown>> {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** The versions that this repository is tested with. */
const withOurs = (versions: Readonly<Record<string, string>>): object =>
  Object.fromEntries(
    Object.entries(versions).map(([name, version]) => [
      name,
      name === ours.name ? `^${ours.version}` : (ours.devDependencies[name] ?? version),
    ]),
  );

const manifestOfExample = (content: Manifest): object => ({
  ...content,
  dependencies: withOurs(content.dependencies),
  devDependencies: withOurs(content.devDependencies),
});

const manifestOfApplication = (content: Manifest): object => ({
  ...manifestOfExample(content),
  optionalDependencies: Object.fromEntries(
    Object.entries(ours.optionalDependencies).filter(([name]) => isNodeFromNpm(name)),
  ),
  overrides: { kysely },
  resolutions: { kysely },
  allowScripts: allowed,
});

const workspace = [
  "# For pnpm, what package.json says to npm and to Yarn.",
  "overrides:",
  `  kysely: ${kysely}`,
  "allowBuilds:",
  ...Object.entries(allowed).map(([name, isAllowed]) => `  "${name}": ${isAllowed}`),
  "",
].join("\n");

/** Reads the template as an application: the migrations must match its entities too. */
const accessLock = (): string => {
  const application = mkdtempSync(join(tmpdir(), "graphward-template-"));
  try {
    cpSync(template, application, { recursive: true });
    mkdirSync(join(application, "node_modules"));
    symlinkSync(root, join(application, "node_modules/graphward"));
    for (const command of [
      ["access", "--write"],
      ["migration", "check"],
    ]) {
      const { status, stderr } = spawnSync(process.execPath, [join(root, "bin/graphward.js"), ...command], {
        cwd: application,
        encoding: "utf8",
      });
      if (status !== 0) throw new Error(stderr);
    }
    return read(join(application, "access.lock"));
  } finally {
    rmSync(application, { recursive: true });
  }
};

const files: readonly (readonly [path: string, text: string])[] = [
  [
    join(creator, "package.json"),
    manifest(join(creator, "package.json"), (content) => ({ ...content, version: ours.version })),
  ],
  [join(template, "package.json"), manifest(join(template, "package.json"), manifestOfApplication)],
  [join(example, "package.json"), manifest(join(example, "package.json"), manifestOfApplication)],
  [join(example, "web/package.json"), manifest(join(example, "web/package.json"), manifestOfExample)],
  [join(template, "pnpm-workspace.yaml"), workspace],
  [join(template, "access.lock"), accessLock()],
];

const findText = (path: string): string | null => {
  try {
    return read(path);
  } catch {
    return null;
  }
};

for (const [path, text] of files) {
  if (findText(path) === text) continue;
  if (!isCheck) writeFileSync(path, text);
  else {
    process.stdout.write(`${path} is not what it must be now\n`);
    process.exitCode = 1;
  }
}
