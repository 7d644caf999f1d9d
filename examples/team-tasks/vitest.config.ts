import { graphward } from "graphward/vitest";
import { defineConfig } from "vitest/config";

export default defineConfig({ plugins: [graphward()] });
