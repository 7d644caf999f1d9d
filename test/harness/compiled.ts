// Keeps what V8 has compiled for the workers that come after: each of them loads some thousand modules.
import module from "node:module";
import { join } from "node:path";
import { afterAll } from "vitest";

module.enableCompileCache(join(import.meta.dirname, "../../node_modules/.cache/compiled"));

// A worker may be ended by a signal.
afterAll(() => module.flushCompileCache());
