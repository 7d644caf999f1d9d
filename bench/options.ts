// The command line of the benchmark.
import { parseArgs } from "node:util";
import { seconds } from "../src/time.ts";

export interface Options {
  /** Of one measurement of one case. */
  readonly duration: number;
  readonly rounds: number;
  /** Also what takes many minutes. */
  readonly full: boolean;
}

export interface CommandLine extends Options {
  /** Names of tables. Empty: all. */
  readonly names: readonly string[];
  readonly help: boolean;
}

/** Throws an error of one readable line. */
export const readCommandLine = (): CommandLine => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seconds: { type: "string", default: "2" },
      rounds: { type: "string", default: "5" },
      full: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  return {
    duration: seconds(requirePositive("--seconds", values.seconds)),
    rounds: Math.ceil(requirePositive("--rounds", values.rounds)),
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
