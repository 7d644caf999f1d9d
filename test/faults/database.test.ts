import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { minutes } from "../../src/time.ts";
import { databaseFaults } from "./made/database.ts";
import { type Played, play } from "./play.ts";
import { formatTable } from "./report.ts";
import { openStage, type Stage } from "./stage.ts";

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
}, minutes(2));
afterEach(() => stage.close());

const played: Played[] = [];
afterAll(() => void process.stdout.write(`${formatTable(played)}\n`));

const faults = databaseFaults().filter(({ findObstacle }) => (findObstacle?.() ?? null) === null);

test.each(faults)(
  "$name: every request ends within 5 s, nothing acknowledged is lost, and no door opens",
  async (fault) => {
    const one = await play(stage, fault, { rounds: 3 });
    played.push(one);
    expect(one.broken).toEqual([]);
  },
  minutes(6),
);
