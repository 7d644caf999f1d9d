// The command line of the benchmark.
import { parseArgs } from "node:util";
import { seconds } from "../src/time.ts";

export interface Options {
  /** Per measurement of one case. */
  readonly duration: number;
  readonly rounds: number;
  /** Of the table `partitions`. */
  readonly rows: number;
  /** Includes tables that take many minutes. */
  readonly full: boolean;
}

export interface CommandLine extends Options {
  /** Names of tables. Empty: all tables. */
  readonly names: readonly string[];
  readonly help: boolean;
}

/** Throws an error with a one-line message. */
export const readCommandLine = (): CommandLine => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seconds: { type: "string", default: "2" },
      rounds: { type: "string", default: "5" },
      rows: { type: "string", default: "10000000" },
      full: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  return {
    duration: seconds(requirePositive("--seconds", values.seconds)),
    rounds: Math.ceil(requirePositive("--rounds", values.rounds)),
    rows: Math.ceil(requirePositive("--rows", values.rows)),
    full: values.full,
    names: positionals,
    help: values.help,
  };
};

const requirePositive = (name: string, text: string): number => {
  const number = Number(text);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new Error(`${name} must be a number above zero, not ${JSON.stringify(text)}.`);
};
