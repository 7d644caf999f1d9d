// Copies the account pages' style into dist, and removes files that no longer exist.
import { copyFileSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

const root = dirname(import.meta.dirname);
const source = join(root, "src/account-pages/page");
const target = join(root, "dist/account-pages/page");
const copied = /\.(?:html|css)$/;

mkdirSync(target, { recursive: true });
const names = readdirSync(source).filter((name) => copied.test(name));
for (const name of names) copyFileSync(join(source, name), join(target, name));

// A page left over from another branch would be served.
const stale = readdirSync(target).filter((name) => copied.test(name) && !names.includes(name));
for (const name of stale) rmSync(join(target, name), { force: true });
