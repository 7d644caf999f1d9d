// Passwords: what one may be at all, and the one form that is hashed.
import type { BrokenRule } from "../../errors.ts";
import { isFarLongerThan, isStorableText } from "./characters.ts";

const shortestInCharacters = 12;
const maxCharacters = 128;

export const findPasswordProblem = (typed: string): BrokenRule | null => {
  if (isFarLongerThan(maxCharacters, typed)) return tooLong;
  if (!isStorableText(typed))
    return broken("well_formed", "The password holds characters that cannot be stored.");
  const length = [...composed(typed)].length;
  if (length < shortestInCharacters)
    return broken("min_length", `A password has at least ${shortestInCharacters} characters.`);
  return length > maxCharacters ? tooLong : null;
};

/**
 * One form, so that a password typed on a Mac opens the account on a phone. No other change. Null for what nobody can have as
 * a password; one that is too short has a form, for it costs a guess like any other.
 */
export const findCanonicalPassword = (typed: string): string | null => {
  const problem = findPasswordProblem(typed);
  return problem === null || problem.rule === "min_length" ? composed(typed) : null;
};

const composed = (typed: string): string => typed.normalize("NFC");

const broken = (rule: string, message: string): BrokenRule => ({ field: "password", rule, message });

const tooLong = broken("max_length", `A password has at most ${maxCharacters} characters.`);
