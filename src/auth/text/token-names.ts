// Names of access tokens: shown in a list and in a mail.
import type { BrokenRule } from "../../errors.ts";
import { hasInvisibleCharacters, isFarLongerThan } from "./characters.ts";

const maxCharacters = 100;

/** No invisible characters: two names that look alike would hide one token behind another. */
export const findTokenNameProblem = (typed: string): BrokenRule | null => {
  if (isFarLongerThan(maxCharacters, typed)) return tooLong;
  const text = composed(typed);
  if (text.trim() === "") return broken("required", "An access token must have a name.");
  if ([...text].length > maxCharacters) return tooLong;
  return hasInvisibleCharacters(text)
    ? broken("characters", "A name must have only visible characters.")
    : null;
};

/** The stored form. Null for an invalid name. */
export const findCanonicalTokenName = (typed: string): string | null =>
  findTokenNameProblem(typed) === null ? composed(typed) : null;

const composed = (typed: string): string => typed.normalize("NFC");

const broken = (rule: string, message: string): BrokenRule => ({ field: "name", rule, message });

const tooLong = broken("max_length", `A name must have at most ${maxCharacters} characters.`);
