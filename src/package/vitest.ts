// `graphward/vitest`: what an application's configuration of Vitest needs.
export { graphward } from "../testing/vitest.ts";
