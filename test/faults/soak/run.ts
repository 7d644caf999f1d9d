// `npm run soak`: two servers of one database under steady traffic, with a fault every minute, and what they hold meanwhile.
import { setTimeout as pass } from "node:timers/promises";
import { parseArgs } from "node:util";
import { minutes, seconds } from "../../../src/time.ts";
import { allFaults } from "../all.ts";
import { openLedger } from "../ledger.ts";
import { findMissingMail, prepareMail, readMails } from "../made/mail.ts";
import { readState } from "../play.ts";
import { playRound, type RoundOptions } from "../round.ts";
import { interruptions, onStage, type Stage } from "../stage.ts";
import { paceAt } from "../traffic.ts";
import { startFollowers } from "./followers.ts";
import { findReason, planFaults } from "./plan.ts";
import { describeMinute, type Minute, type Soak, summarize } from "./report.ts";
import type { Sample } from "./samples.ts";

const defaultMinutes = 60;
/** Requests a second. */
const defaultRate = 25;
/** MiB in an hour. */
const defaultBound = 30;

const peopleOfTraffic = 2;
const peopleWithPages = 12;
const betweenSamples = seconds(10);
/** A server that hears no notices trusts its cache for so long. */
const revocationHoldsAfter = seconds(3);
/** A mail that a killed server was sending is released after three minutes. */
const longestMail = minutes(4);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rate: { type: "string", default: String(defaultRate) },
    bound: { type: "string", default: String(defaultBound) },
    help: { type: "boolean", default: false },
  },
});

const print = (text: string): void => void process.stdout.write(`${text}\n`);

const readNumber = (name: string, text: string): number => {
  if (!/^[1-9]\d*$/.test(text))
    throw new Error(`${name} must be a whole number above zero, not ${JSON.stringify(text)}.`);
  return Number(text);
};

const main = async (): Promise<void> => {
  if (values.help) return print(help());
  const length = readNumber("The number of minutes", positionals[0] ?? String(defaultMinutes));
  const rate = readNumber("--rate", values.rate);
  const soak: Soak = {
    length,
    bound: readNumber("--bound", values.bound),
    minutes: [],
    followers: null,
    lostMails: 0,
    broken: [],
  };
  let isOver = false;
  const conclude = () => {
    if (isOver) return;
    isOver = true;
    const { text, isGood } = summarize(soak);
    print(`\n${text}`);
    process.exitCode = isGood ? 0 : 1;
  };
  // What was measured is not lost.
  for (const signal of interruptions) process.once(signal, conclude);
  try {
    await onStage((stage) => run(stage, soak, rate));
  } catch (error) {
    soak.broken.push(error instanceof Error ? error.message : String(error));
  }
  conclude();
};

const run = async (stage: Stage, soak: Soak, rate: number): Promise<void> => {
  const endMail = await prepareMail(stage);
  const other = await stage.addServer();
  other.settings = stage.settings;
  const servers = [stage, other] as const;
  for (const server of servers) await server.start();
  const database = await stage.postgres.connect();
  const ledger = await openLedger(database, {
    people: peopleOfTraffic + peopleWithPages,
    holdsAfter: revocationHoldsAfter,
  });
  await database.end();
  const ports = [stage.port, other.port] as const;
  const followers = startFollowers(ports, ledger.people.slice(peopleOfTraffic), ledger);
  soak.followers = followers;
  const options: RoundOptions = {
    ports,
    ledger,
    traffic: { people: ledger.people.slice(0, peopleOfTraffic), turn: paceAt(rate) },
  };

  const start = performance.now();
  for (const [index, fault] of planFaults(allFaults().filter(isMade), soak.length).entries()) {
    // On a busy machine, a minute takes longer.
    if (performance.now() > start + minutes(soak.length)) break;
    const samples: Minute["samples"] = [[], []];
    const end = start + minutes(index + 1);
    const watch = async () => {
      do {
        await pass(Math.max(0, Math.min(betweenSamples, end - performance.now())));
        await sample(servers, samples, start);
      } while (performance.now() < end);
    };
    // What is lost of the mail shows at the end: a mail may wait for its next attempt.
    const round = await playRound(stage, { ...fault, findLost: async () => [] }, { ...options, watch });
    const minute = { fault: fault.name, round, samples };
    soak.minutes.push(minute);
    print(`${new Date().toISOString().slice(11, 19)}  ${describeMinute(minute)}`);
    for (const { program } of servers)
      if (!program.isRunning)
        throw new Error(`A server ended by itself (${await program.ended}): ${program.output.slice(-3000)}`);
  }
  await followers.stop();
  soak.lostMails = (await findMissingMail(stage, ledger, readMails, longestMail)).length;
  for (const server of servers) await server.stop();
  await endMail();
};

const isMade = (fault: Parameters<typeof findReason>[0]): boolean => findReason(fault) === null;

/** One that does not respond at the moment has no sample. */
const sample = (servers: readonly Stage[], samples: Minute["samples"], start: number) =>
  Promise.all(
    servers.map(async (server, index) => {
      const state = await readState(server).catch(() => null);
      if (state !== null) samples[index]?.push({ at: performance.now() - start, ...state } satisfies Sample);
    }),
  );

const help = (): string => {
  const faults = allFaults().map((fault) => ({ name: fault.name, reason: findReason(fault) }));
  return [
    "npm run soak -- [minutes] [--rate <requests a second>] [--bound <MiB an hour>]",
    "",
    `Two servers of one PostgreSQL under steady traffic, with a fault every minute: ${defaultMinutes} minutes, ${defaultRate} requests a second.`,
    "Fails when something acknowledged is lost, a door opened, a server ended by itself, or its memory grew faster than --bound.",
    "",
    "Made, a process that ends only in the first third:",
    ...faults.flatMap(({ name, reason }) => (reason === null ? [`  ${name}`] : [])),
    "",
    "Left out:",
    ...faults.flatMap(({ name, reason }) => (reason === null ? [] : [`  ${name}: ${reason}`])),
    "  kill -9 in the middle of every mutation: npm run faults makes it, with a server of its own",
  ].join("\n");
};

try {
  await main();
} catch (error) {
  process.stderr.write(`soak: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
