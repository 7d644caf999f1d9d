import { afterEach, expect, test, vi } from "vitest";
import { minutes, seconds } from "../../src/time.ts";
import { production } from "../harness/configuration.ts";
import { createDatabase } from "../harness/database/database.ts";
import { graphward } from "../harness/process.ts";
import { startApp } from "../harness/server.ts";

afterEach(() => void vi.restoreAllMocks());

test.each([
  [minutes(2), /^1(19|20|21)$/],
  [-minutes(2), /^-1(19|20|21)$/],
  [seconds(20), null],
])(
  "a start under a clock that is %i ms ahead of the database's says so when it matters",
  async (by, ahead) => {
    const right = Date.now;
    vi.spyOn(Date, "now").mockImplementation(() => right() + by);
    const app = await startApp({ LOG_LEVEL: "warn" });
    vi.restoreAllMocks();
    await app.close();
    const line = app.log.find((it) => it.includes("the clock differs from the database's"));
    if (ahead === null) expect(line).toBeUndefined();
    else expect(String(JSON.parse(line ?? "{}").ahead)).toMatch(ahead);
  },
);

test("graphward check says the same", async () => {
  const copy = await createDatabase();
  const check = async (by: number) => {
    const wrongClock = `const now = Date.now; Date.now = () => now() + ${by};`;
    const environment = {
      ...production,
      DATABASE_URL: copy.url,
      NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(wrongClock)}`,
    };
    return (await graphward(["check"], { environment })).stdout;
  };
  expect(await check(-minutes(2))).toMatch(/^warning clock: is 1\d\d s behind the database's: codes of /m);
  expect(await check(minutes(2))).toMatch(/^warning clock: is 1\d\d s ahead of the database's: codes of /m);
  expect(await check(0)).not.toContain("clock");
  await copy.drop();
});
