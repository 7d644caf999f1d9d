import { afterAll, beforeAll, expect, test } from "vitest";
import { minutes, seconds } from "../../src/time.ts";
import { databaseFaults } from "../faults/made/database.ts";
import { findBroken } from "../faults/play.ts";
import { playRound } from "../faults/round.ts";
import { openStage, type Stage } from "../faults/stage.ts";
import { paceAt } from "../faults/traffic.ts";

// The rounds of `npm run faults`, two of them: a PostgreSQL that can be stopped, and the built program.
let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
  await stage.start();
});
afterAll(() => stage.close());

const play = async (words: string, lasts: number) => {
  const fault = databaseFaults().find(({ name }) => name.startsWith(words));
  if (fault === undefined) throw new Error(`There is no fault ${words}.`);
  // As many requests as there can be would take the cores from the tests beside.
  return playRound(stage, { ...fault, lasts }, { traffic: { turn: paceAt(60) } });
};

test.each([
  ["database frozen", seconds(6)],
  ["black hole: all connections", 0],
])(
  "%s: every request ends within 5 s, nothing acknowledged is lost, and no ended session is accepted",
  async (words, lasts) => {
    const round = await play(words, lasts);
    expect(round.refused).toBeGreaterThan(0);
    expect(findBroken([round])).toEqual([]);
  },
  minutes(2),
);
