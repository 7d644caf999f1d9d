import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { minutes, seconds } from "./src/time.ts";

// Everything but the browser's tests needs Node and npm only.
const server = {
  name: "server",
  include: ["test/**/*.test.ts"],
  exclude: ["test/browser/**", "test/faults/**"],
  setupFiles: ["test/harness/search-logs.ts"],
};
const browser = { name: "browser", include: ["test/browser/**/*.test.ts"] };
// Minutes of kill -9: for a change of how things are written down, and before a release.
const faults = { name: "faults", include: ["test/faults/**/*.test.ts"] };

export default defineConfig({
  // The entities are written with decorators of the older proposal, which type-graphql reads.
  oxc: { decorator: { legacy: true } },
  // The copy that Node itself resolves: two copies of graphql refuse each other's schemas.
  resolve: { alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve("graphql")) }] },
  test: {
    setupFiles: ["reflect-metadata"],
    globalSetup: ["test/harness/database-cluster.ts"],
    testTimeout: minutes(1),
    hookTimeout: minutes(2),
    teardownTimeout: seconds(20),
    // Much of it waits for processes: one worker a core, where the default leaves one core out.
    maxWorkers: "100%",
    projects: [
      { extends: true, test: server },
      { extends: true, test: browser },
      { extends: true, test: faults },
    ],
  },
});
