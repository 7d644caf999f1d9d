import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { minutes } from "../../src/time.ts";
import { run, serve } from "./machine.ts";
import { createApplication, type Packed, pack } from "./packed.ts";

/** Pinned: a new major may read another file. */
const pnpm = "npx --yes pnpm@12.21.0";

let packed: Packed;
let app: string;

beforeAll(async () => {
  packed = await pack();
  app = await createApplication(packed);
  await run(app, `${pnpm} install`);
}, minutes(5));
afterAll(() => rm(packed.folder, { recursive: true, force: true }));

test("kysely is the one that loses no connection, and once", async () => {
  const found = (await readdir(join(app, "node_modules/.pnpm"))).filter((name) => name.startsWith("kysely@"));
  expect(found).toEqual(["kysely@0.29.9"]);
});

test("with packages that see only what they depend on: the check, the test, the build and a start", async () => {
  await run(app, `${pnpm} run check`);
  expect(await run(app, `${pnpm} test`)).toMatch(/1 passed/);
  await run(app, `${pnpm} run build`);
  const server = await serve(app, `${pnpm} start`);
  try {
    expect((await fetch(`${server.url.replace("/graphql", "")}/health/ready`)).status).toBe(200);
  } finally {
    await server.stop();
  }
});
