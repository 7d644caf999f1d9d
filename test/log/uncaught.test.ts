import { describe, expect, test } from "vitest";
import { createDatabase } from "../harness/database/database.ts";
import { serve } from "../harness/process.ts";
import { findFreePort } from "../harness/server.ts";

describe("what nobody caught is one line of the log, and ends the server with status 1:", () => {
  test.each([
    ["an exception", "throw new Error('canary-4711')"],
    ["a rejection", "Promise.reject('canary-4711')"],
    ["an error of the database", "throw Object.assign(new Error('canary-4711'), { code: '23505' })"],
  ])("%s", async (what, code) => {
    const database = await createDatabase();
    try {
      const onSignal = encodeURIComponent(`process.on("SIGUSR2", () => { ${code} })`);
      const environment = {
        DATABASE_URL: database.url,
        NODE_OPTIONS: `--import=data:text/javascript,${onSignal}`,
      };
      const served = await serve(await findFreePort(), { environment });
      expect((await served.stop("SIGUSR2")).status).toBe(1);
      const lines = served.output.stdout
        .split("\n")
        .filter((line) => line.includes("uncaught exception, exiting"));
      expect(lines.map((line) => JSON.parse(line).level)).toEqual([60]);
      expect(served.output.stderr).toBe("");
      // Ours may be told; of what is no error, and of the database, there is no text.
      expect(lines.join().includes("canary-4711")).toBe(what === "an exception");
    } finally {
      await database.drop();
    }
  });
});
