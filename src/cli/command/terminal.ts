// What all commands share at the terminal: repeated options, printed lines, JSON, confirmations, and broken rules.
import type { Result } from "../../errors.ts";

export const print = (line: string): void => void process.stdout.write(`${line}\n`);

/**
 * A message may quote another's text, such as a name in a backup: its escape sequences would clear the screen, or write a line that
 * we did not. Line ends stay, because some messages have several lines.
 */
export const spellOutControls = (message: string): string =>
  message.replaceAll(
    /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (it) => `\\u{${it.codePointAt(0)?.toString(16) ?? ""}}`,
  );

/** Indented, so that people can read it too. */
export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2));

/** For an option that may be given several times. */
export const collect = (value: string, previous: readonly string[]): string[] => [...previous, value];

/** Throws an error with one line for each broken rule. */
export const requireValue = <Value>(result: Result<Value>): Value => {
  if (result.ok) return result.value;
  throw new Error(result.problems.map(({ message }) => message).join("\n"));
};

/** Throws unless the operator answers `yes` at a terminal. A script says `--yes` instead. */
export const requireConfirmation = async (question: string): Promise<void> => {
  if (!process.stdin.isTTY) throw new Error("No terminal to ask for a confirmation: add --yes.");
  const { createInterface } = await import("node:readline/promises");
  // Standard error: standard output may be a file of JSON.
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} Type yes to go on: `);
    if (answer.trim() !== "yes") throw new Error("Nothing was changed.");
  } finally {
    terminal.close();
  }
};
