// Names of passkeys: shown in a list and in a mail.
import { type BrokenRule, brokenRule } from "../../errors.ts";
import { findCanonicalTokenName, findTokenNameProblem } from "./token-names.ts";

export const findCanonicalPasskeyName = findCanonicalTokenName;

/** The rule of access tokens. For a name that breaks it. */
export function findPasskeyNameProblem(typed: string): BrokenRule {
  const problem = findTokenNameProblem(typed);
  if (problem === null) throw new Error("findPasskeyNameProblem() was given a name that breaks no rule.");
  return problem.rule === "required" ? missing : problem;
}

const missing = brokenRule("name", "required", "A passkey must have a name.");
