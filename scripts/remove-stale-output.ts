// Removes from dist what no source file makes any more: a migration left over from another branch would be run.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

const root = dirname(import.meta.dirname);
const compiled = /\.js(?:\.map)?$/;
const explorerPage = join("explorer", "page");

const dist = join(root, "dist");
const files = existsSync(dist) ? readdirSync(dist, { recursive: true, encoding: "utf8" }) : [];
for (const file of files) {
  if (!compiled.test(file) || file.startsWith(explorerPage)) continue;
  if (!existsSync(join(root, "src", file.replace(compiled, ".ts"))))
    rmSync(join(dist, file), { force: true });
}
