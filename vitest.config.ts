import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { minutes, seconds } from "./src/time.ts";

// Everything but the browser's tests needs Node and npm only.
const server = {
  name: "server",
  include: ["test/**/*.test.ts"],
  exclude: ["test/browser/**"],
};
const browser = { name: "browser", include: ["test/browser/**/*.test.ts"] };

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
    projects: [
      { extends: true, test: server },
      { extends: true, test: browser },
    ],
  },
});
