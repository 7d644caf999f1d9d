// Validates passwords and computes the canonical form that is hashed.
import type { BrokenRule } from "../../errors.ts";
import { isFarLongerThan, isStorableText } from "./characters.ts";

/** Unless the application says otherwise. */
export const defaultMinCharacters = 12;
/** NIST SP 800-63B-4, 3.1.1.2: no policy may go below. */
export const minCharactersOfAny = 8;
const maxCharacters = 128;

export const findPasswordProblem = (typed: string, minCharacters = minCharactersOfAny): BrokenRule | null => {
  if (isFarLongerThan(maxCharacters, typed)) return tooLong;
  if (!isStorableText(typed))
    return broken("well_formed", "The password contains characters that cannot be stored.");
  const length = [...composed(typed)].length;
  if (length < minCharacters)
    return broken("min_length", `A password must have at least ${minCharacters} characters.`);
  return length > maxCharacters ? tooLong : null;
};

/**
 * NFC, so that a password typed on a Mac is the same as on a phone. No other change. Null for a password that no user can have. A
 * short password still has a form, because it must cost an attempt like any other.
 */
export const findCanonicalPassword = (typed: string): string | null => {
  const problem = findPasswordProblem(typed);
  return problem === null || problem.rule === "min_length" ? composed(typed) : null;
};

const composed = (typed: string): string => typed.normalize("NFC");

const broken = (rule: string, message: string): BrokenRule => ({ field: "password", rule, message });

const tooLong = broken("max_length", `A password must have at most ${maxCharacters} characters.`);
