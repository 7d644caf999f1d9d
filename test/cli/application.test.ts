import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApplicationDirectory, makeApplication } from "../harness/application-directory.ts";

let app: ApplicationDirectory;
beforeAll(async () => {
  app = await makeApplication();
  await app.generate();
});
afterAll(() => app.remove());

const refusal = async (...args: string[]) => {
  const { status, stderr } = await app.run(...args);
  expect(status).toBe(1);
  return stderr;
};

test("start runs what build compiled: it says so before the first build, and after a change", async () => {
  expect(await refusal("start")).toBe(
    "graphward: The application is not built: npm run build, or npx graphward dev.\n",
  );
  expect(await app.run("build")).toMatchObject({ status: 0, stdout: "Built: npm start serves it.\n" });
  await app.write("src/more.ts", "export const more = 1;\n");
  expect(await refusal("start")).toBe(
    "graphward: The sources have changed since the last build: npm run build.\n",
  );
});

test("build fails on a mistake that TypeScript finds, and leaves no build that start would run", async () => {
  await app.write("src/wrong.ts", 'export const wrong: number = "text";\n');
  expect(await refusal("build")).toContain("TypeScript found mistakes: the build is not complete.");
  expect(await refusal("start")).toContain("graphward: The sources have changed since the last build");
  await rm(join(app.root, "src/wrong.ts"));
});

test("a command in a directory without an application, and a file that defines none, are named", async () => {
  const config = await app.read("graphward.config.ts");
  await app.write("graphward.config.ts", "export default {};\n");
  expect(await refusal("access")).toMatch(
    /^graphward: \S+graphward\.config\.ts must export default defineServer\(\{ \.\.\. \}\)\./,
  );
  await rm(join(app.root, "graphward.config.ts"));
  await rm(join(app.root, "dist"), { recursive: true, force: true });
  await mkdir(join(app.root, "dist"));
  expect(await refusal("build")).toContain("This directory has no graphward.config.ts");
  await app.write("graphward.config.ts", config);
});
