// The applications in `examples` find this package as an installed one: a link, where npm would put a copy.
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";

const root = dirname(import.meta.dirname);

export function linkExamples(): void {
  const packages = join(root, "examples/team-tasks/node_modules");
  mkdirSync(join(packages, ".bin"), { recursive: true });
  link(root, join(packages, "graphward"));
  link(join(root, "bin/graphward.js"), join(packages, ".bin/graphward"));
}

const link = (target: string, path: string): void => {
  rmSync(path, { force: true });
  symlinkSync(target, path);
};
