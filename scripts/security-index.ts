// `npm run security:index` writes docs/security-index.md; without `--write` the page goes to standard output.
import { writeFileSync } from "node:fs";
import { readRooms } from "../test/house/guard.ts";
import { describeSecurityIndex } from "../test/house/security-index.ts";

const page = describeSecurityIndex(await readRooms());
if (process.argv.includes("--write")) writeFileSync("docs/security-index.md", page);
else process.stdout.write(page);
