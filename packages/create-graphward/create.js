// Writes the template into a new directory. Returns what is to be done next.
import { cp, mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const here = dirname(fileURLToPath(import.meta.url));

export async function create(args, userAgent = "") {
  const { directory, spec, help } = readArguments(args);
  if (help) return usage;
  const name = basename(directory);
  requireName(name);
  await requireEmpty(directory);
  await mkdir(directory, { recursive: true });
  await cp(join(here, "template"), directory, { recursive: true });
  // npm leaves a .gitignore out of a package.
  await rename(join(directory, "gitignore"), join(directory, ".gitignore"));
  await writeManifest(join(directory, "package.json"), name, spec ?? (await ownVersion()));
  const readme = join(directory, "README.md");
  await writeFile(readme, (await readFile(readme, "utf8")).replaceAll("my-app", name));
  return describeNext(args.find((it) => resolve(it) === directory) ?? name, managerOf(userAgent));
}

const usage = `Usage: create-graphward <directory> [--graphward <version or tarball>]\n`;

const readArguments = (args) => {
  const options = { graphward: { type: "string" }, help: { type: "boolean", short: "h" } };
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [directory] = positionals;
  if (values.help) return { help: true };
  if (directory === undefined || positionals.length > 1)
    throw new Error("name one directory: npm create graphward@latest my-app");
  return { directory: resolve(directory), spec: values.graphward };
};

/** npm's rules for the name of a package. */
const requireName = (name) => {
  if (/^[a-z0-9][a-z0-9._-]*$/.test(name) && name.length <= 214 && name !== "node_modules") return;
  throw new Error(
    `${JSON.stringify(name)} is no name of a package: use lower-case letters, digits and hyphens`,
  );
};

const requireEmpty = async (directory) => {
  const found = await readdir(directory).catch((error) => {
    if (error.code === "ENOENT") return [];
    throw new Error(error.code === "ENOTDIR" ? `${directory} is a file` : error.message);
  });
  if (found.some((file) => file !== ".git")) throw new Error(`${directory} is not empty`);
};

const writeManifest = async (path, name, spec) => {
  const manifest = JSON.parse(await readFile(path, "utf8"));
  manifest.name = name;
  manifest.dependencies.graphward = /\.tgz$/.test(spec)
    ? `file:${resolve(spec.replace(/^file:/, ""))}`
    : spec;
  await writeFile(path, `${JSON.stringify(manifest, null, 2)}\n`);
};

const ownVersion = async () => `^${JSON.parse(await readFile(join(here, "package.json"), "utf8")).version}`;

const managerOf = (userAgent) => ["pnpm", "yarn"].find((it) => userAgent.startsWith(`${it}/`)) ?? "npm";

const describeNext = (directory, manager) => {
  const run = manager === "npm" ? "npm run" : manager;
  const steps = [
    [`cd ${directory}`, ""],
    [`${manager} install`, ""],
    [`${run} dev`, "serves it, and prints the password of the first user"],
    [`${manager} test`, ""],
  ];
  const lines = steps.map(([command, what]) => `  ${what ? command.padEnd(18) + what : command}\n`);
  return `\nWritten. Next:\n\n${lines.join("")}\n`;
};
