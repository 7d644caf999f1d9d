// Broken rules, as a command tells them.
import type { Result } from "../errors.ts";

/** Throws one line a broken rule. */
export const requireValue = <Value>(outcome: Result<Value>): Value => {
  if (outcome.ok) return outcome.value;
  throw new Error(outcome.problems.map(({ message }) => message).join("\n"));
};
