// The command line of the benchmark.
import { parseArgs } from "node:util";
import { seconds } from "../src/time.ts";

export interface Options {
  /** Of one measurement of one case. */
  readonly duration: number;
  readonly rounds: number;
}

/** Throws an error of one readable line. */
export const readOptions = (): Options => {
  const { values } = parseArgs({
    options: {
      seconds: { type: "string", default: "2" },
      rounds: { type: "string", default: "5" },
    },
  });
  return {
    duration: seconds(requirePositive("--seconds", values.seconds)),
    rounds: Math.ceil(requirePositive("--rounds", values.rounds)),
  };
};

const requirePositive = (name: string, text: string): number => {
  const number = Number(text);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new Error(`${name} must be a number above zero, not ${JSON.stringify(text)}.`);
};
