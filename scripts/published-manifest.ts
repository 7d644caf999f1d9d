// `prepack` and `postpack`: npm packs a package.json without what is for this repository only, and gets the whole one back.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const manifest = join(root, "package.json");
/** Also after a pack that was interrupted. */
const kept = join(root, ".package.json.kept");

/** An application's own scripts must not run a node that this package brought: `create-graphward` offers one instead. */
export const isNodeFromNpm = (name: string): boolean => /^node-(bin-)?(darwin|linux|win)-/.test(name);

/** What bin/graphward.js requires. */
const engines = { node: ">=22.17" };

const restore = (): void => {
  if (existsSync(kept)) renameSync(kept, manifest);
};

const rewrite = (): void => {
  const text = readFileSync(manifest, "utf8");
  const { scripts: _, devDependencies: __, overrides: ___, allowScripts: ____, ...rest } = JSON.parse(text);
  const optionalDependencies = Object.fromEntries(
    Object.entries(rest.optionalDependencies).filter(([name]) => !isNodeFromNpm(name)),
  );
  writeFileSync(kept, text);
  writeFileSync(manifest, `${JSON.stringify({ ...rest, engines, optionalDependencies }, null, 2)}\n`);
};

if (import.meta.main) {
  restore();
  if (process.argv[2] === "prepack") rewrite();
}
