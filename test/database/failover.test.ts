import { afterAll, beforeAll, expect, test } from "vitest";
import { minutes, seconds } from "../../src/time.ts";
import { databaseFaults } from "../faults/made/database.ts";
import { findBroken } from "../faults/play.ts";
import { playRound } from "../faults/round.ts";
import { openStage, type Stage } from "../faults/stage.ts";

// One round of `npm run faults`: a PostgreSQL that can be replaced, and the built program.
let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
  await stage.start();
});
afterAll(() => stage.close());

test(
  "a promoted standby is used within 15 s, although the old connections hang",
  async () => {
    const fault = databaseFaults().find(({ name }) => name === "failover, connections hang");
    if (fault === undefined) throw new Error("There is no such fault.");
    const round = await playRound(stage, fault);
    expect(findBroken([round])).toEqual([]);
    expect(round.backAfter).toBeLessThan(seconds(15));
  },
  minutes(2),
);
