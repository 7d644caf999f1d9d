// Builds an earlier version from the history of this repository, as its users had it.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

export interface EarlierBuild {
  /** The file of its command line. */
  readonly program: string;
  readonly version: string;
  remove(): void;
}

export function buildEarlier(commit: string): EarlierBuild {
  const folder = mkdtempSync(join(tmpdir(), "graphward-earlier-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    requireCommit(commit);
    const archive = execFileSync("git", ["archive", commit], { cwd: root, maxBuffer: 2 ** 28 });
    execFileSync("tar", ["-x", "-C", folder], { input: archive });
    const { version, dependencies } = manifestIn(folder);
    installPackages(folder, dependencies);
    // As its `npm run build`, without the explorer, whose bundle takes longest.
    execFileSync(join(root, "node_modules/.bin/tsc"), ["-p", "tsconfig.build.json"], { cwd: folder });
    execFileSync("npm", ["run", "--silent", "--if-present", "build:pages"], { cwd: folder, stdio: "ignore" });
    return { program: join(folder, "bin/graphward.js"), version, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

const requireCommit = (commit: string): void => {
  try {
    execFileSync("git", ["cat-file", "-e", `${commit}^{commit}`], { cwd: root, stdio: "ignore" });
  } catch {
    throw new Error(
      `The version before is built from its commit ${commit}, which this copy of the repository does not have. In a shallow clone, run: git fetch --unshallow`,
    );
  }
};

interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

const manifestIn = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

/** Ours, where they are its own too: an install takes a minute. */
const installPackages = (folder: string, dependencies: Manifest["dependencies"]): void => {
  const ours = manifestIn(root).dependencies;
  if (Object.entries(dependencies).every(([name, version]) => ours[name] === version))
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
  else {
    mkdirSync(join(folder, "node_modules"));
    execFileSync("npm", ["ci"], {
      cwd: folder,
      stdio: "ignore",
    });
  }
};
