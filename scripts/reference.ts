// `npm run reference`: generates docs/reference/ and .env.example from the code. With --check, fails when a file is stale.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { commandsPage } from "./reference/commands.ts";
import { documentLimitsPage } from "./reference/document-limits.ts";
import { endingsPage } from "./reference/endings.ts";
import { errorsPage } from "./reference/errors.ts";
import { metricsPage } from "./reference/metrics.ts";
import { rateLimitsPage } from "./reference/rate-limits.ts";
import { environmentExample, settingsPage } from "./reference/settings.ts";

const root = join(import.meta.dirname, "..");
const isCheck = process.argv.includes("--check");

const files: Readonly<Record<string, string>> = {
  ".env.example": environmentExample(),
  "docs/reference/settings.md": settingsPage(),
  "docs/reference/rate-limits.md": rateLimitsPage(),
  "docs/reference/metrics.md": metricsPage(),
  "docs/reference/errors.md": errorsPage(),
  "docs/reference/endings.md": endingsPage(),
  "docs/reference/document-limits.md": documentLimitsPage(),
  "docs/reference/commands.md": await commandsPage(join(root, "bin/graphward.js")),
};

for (const [name, text] of Object.entries(files)) {
  const path = join(root, name);
  if (existsSync(path) && readFileSync(path, "utf8") === text) continue;
  if (isCheck) {
    process.stdout.write(`${name} is stale.\n`);
    process.exitCode = 1;
    continue;
  }
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  process.stdout.write(`${name} is written.\n`);
}
