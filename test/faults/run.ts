// `npm run faults`: makes each fault for real, in rounds under traffic, and prints one table.
import { parseArgs } from "node:util";
import { allFaults } from "./all.ts";
import type { Fault } from "./fault.ts";
import { killMutations } from "./killed-mutations.ts";
import { type Played, play } from "./play.ts";
import { formatTable } from "./report.ts";
import { interruptions, onStage, type Stage } from "./stage.ts";

const defaultRounds = 6;
/** Not like the others: its traffic is one of each mutation, and its ledger their facts. */
const everyMutation = { name: "kill -9 in the middle of every mutation", rounds: 20 };

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: [] },
    rounds: { type: "string" },
    quiet: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const print = (text: string): void => void process.stdout.write(`${text}\n`);

const roundsOf = (fault: Pick<Fault, "rounds">): number =>
  values.rounds === undefined ? (fault.rounds ?? defaultRounds) : Number(values.rounds);

const main = async (): Promise<void> => {
  const faults = allFaults();
  if (values.help) return print(help(faults));
  if (values.rounds !== undefined && !/^[1-9]\d*$/.test(values.rounds))
    throw new Error(`--rounds must be a whole number above zero, not ${JSON.stringify(values.rounds)}.`);
  const isChosen = ({ name }: { readonly name: string }) =>
    values.only.length === 0 || values.only.some((words) => name.includes(words));
  const chosen = faults.filter(isChosen);
  if (chosen.length === 0 && !isChosen(everyMutation))
    throw new Error(`No fault has these words in its name: ${values.only.join(", ")}.`);
  const start = performance.now();
  const played: Played[] = [];
  const remarks: string[] = [];
  const broken: string[] = [];
  const tell = values.quiet ? () => undefined : print;
  let killed = 0;
  const summarize = () => {
    const rounds = played.reduce((sum, one) => sum + one.rounds.length, killed);
    const minutes = ((performance.now() - start) / 60_000).toFixed(1);
    print(["", formatTable(played), "", `${rounds} rounds in ${minutes} minutes.`, ...remarks].join("\n"));
    if (broken.length > 0) print(["", "Broken:", ...broken].join("\n"));
  };
  // What was played is not lost.
  for (const signal of interruptions) process.once(signal, summarize);
  for (const fault of chosen) {
    const obstacle = fault.findObstacle?.() ?? null;
    if (obstacle !== null) {
      remarks.push(`${fault.name}: not made, ${obstacle}`);
      continue;
    }
    try {
      // Each on one of its own: what one fault leaves behind must not be seen as another's.
      const one = await onStage((stage) => play(stage, fault, { rounds: roundsOf(fault), tell }));
      played.push(one);
      broken.push(...one.broken.map((text) => `${fault.name}, ${text}`));
    } catch (error) {
      broken.push(`${fault.name}: ${error instanceof Error ? error.message : error}`);
    }
  }
  if (isChosen(everyMutation)) {
    killed = roundsOf(everyMutation);
    const { tallies, broken: found } = await onStage((stage) => killOnStage(stage, killed));
    const acknowledged = [...tallies.values()].reduce((sum, tally) => sum + tally.acknowledged, 0);
    remarks.push(
      `${everyMutation.name}: ${killed} rounds of ${tallies.size} mutations, ${acknowledged} acknowledged, ${found.length} lost or half done.`,
    );
    broken.push(...found.map((text) => `${everyMutation.name}, ${text}`));
  }
  summarize();
  if (broken.length > 0) process.exitCode = 1;
};

/** The server of the stage makes the tables. */
const killOnStage = async (stage: Stage, rounds: number) => {
  await stage.start();
  await stage.stop();
  return killMutations({ databaseUrl: stage.postgres.url, dataDir: stage.directory, rounds });
};

const help = (faults: readonly Fault[]): string =>
  [
    "npm run faults -- [--only <words of a name>]... [--rounds <number>] [--quiet]",
    "",
    "Makes each fault for real, with traffic on the built program and its PostgreSQL, and prints one table.",
    "",
    ...[...faults, everyMutation].map((fault) => `  ${String(roundsOf(fault)).padStart(3)} x  ${fault.name}`),
  ].join("\n");

try {
  await main();
} catch (error) {
  process.stderr.write(`faults: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
