import { expect, test } from "vitest";
import { startApp } from "../harness/server.ts";

const line = "this server may open more connections than PostgreSQL allows";

test.each([
  ["200", true],
  ["2", false],
])(
  "a start of ten workers with %s connections each says whether PostgreSQL allows them",
  async (count, isTooMany) => {
    const app = await startApp({ WORKERS: "10", DATABASE_CONNECTIONS: count, LOG_LEVEL: "warn" });
    await app.close();
    expect(app.log.join("").includes(line)).toBe(isTooMany);
  },
);
