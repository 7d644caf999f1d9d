// The plugin for Vitest: `export default defineConfig({ plugins: [graphward()] })`.
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vitest/config";
import { packageRoot } from "../package-root.ts";
import { minutes, seconds } from "../time.ts";

/** What the configuration says itself is left as it is. */
export function graphward(): Plugin {
  return {
    name: "graphward",
    config(given) {
      const test = given.test ?? {};
      // The first one: it must know of the modules of a server before any of them is loaded.
      given.test = { ...test, setupFiles: [fileOf("cheap-hashing"), ...[test.setupFiles ?? []].flat()] };
      return {
        // type-graphql reads decorators of the older proposal.
        oxc: { decorator: { legacy: true } },
        // The copy that Node itself resolves: two copies of graphql refuse each other's schemas.
        resolve: {
          alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve("graphql")) }],
        },
        test: {
          globalSetup: [fileOf("cluster")],
          testTimeout: test.testTimeout ?? minutes(1),
          hookTimeout: test.hookTimeout ?? minutes(2),
          teardownTimeout: test.teardownTimeout ?? seconds(20),
          // Otherwise Vitest would compile this package once more where it is linked, and not installed.
          server: { deps: { external: [new RegExp(`^${escaped(join(packageRoot, "dist"))}`)] } },
        },
      };
    },
  };
}

const fileOf = (name: string): string => join(import.meta.dirname, `${name}${extname(import.meta.filename)}`);

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
