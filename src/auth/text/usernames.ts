// Usernames: stricter than PRECIS UsernameCaseMapped (RFC 8265, 3.3), compared on one canonical form.
import type { BrokenRule } from "../../errors.ts";
import { hasInvisibleCharacters, isFarLongerThan } from "./characters.ts";

const maxCharacters = 64;

/** Letters with their marks and ASCII digits; a dot, hyphen or underscore only inside. No `@`: that marks an address. */
const pattern = /^[\p{Letter}0-9]\p{Mark}*(?:[\p{Letter}0-9._-]\p{Mark}*)*$/u;
const rightToLeft = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

export const findUsernameProblem = (typed: string): BrokenRule | null => {
  if (isFarLongerThan(maxCharacters, typed)) return tooLong;
  // Lower case can be longer, and is what is looked up: it keeps the rules too.
  return findProblemIn(shownUsername(typed)) ?? findProblemIn(foldUsername(typed));
};

/** The form that is unique and looked up. Null for what is no username: looked up by that, nobody is found. */
export const findCanonicalUsername = (typed: string): string | null =>
  findUsernameProblem(typed) === null ? foldUsername(typed) : null;

/** As it is shown, and as it is looked up. The caller has checked the rules: a broken one here is a mistake in our code. */
export const requireUsername = (typed: string): { readonly shown: string; readonly canonical: string } => {
  const canonical = findCanonicalUsername(typed);
  if (canonical === null) throw new Error("requireUsername() was given what findUsernameProblem() refuses.");
  return { shown: shownUsername(typed), canonical };
};

const shownUsername = (typed: string): string => typed.normalize("NFC");

/** Also of a part of a username. Only for what is not far too long. */
export const foldUsername = (typed: string): string => typed.normalize("NFC").toLowerCase().normalize("NFC");

const findProblemIn = (text: string): BrokenRule | null => {
  if (text === "") return broken("required", "A username is required.");
  if ([...text].length > maxCharacters) return tooLong;
  if (text.includes("@")) return broken("no_at_sign", "A username holds no @.");
  if (hasInvisibleCharacters(text) || !pattern.test(text) || /[._-]$/.test(text))
    return broken("characters", "A username has letters, digits and, inside, dots, hyphens and underscores.");
  // Compatibility characters (fullwidth, ligatures, mathematical letters) look like the plain ones.
  if (text.normalize("NFKC") !== text)
    return broken("characters", "A username is written without special forms of letters.");
  // RFC 5893: a name that runs both ways can be shown in the order of another name.
  if (rightToLeft.test(text) && (/\p{Script=Latin}/u.test(text) || /^[0-9]/.test(text)))
    return broken("direction", "A username runs in one direction.");
  return null;
};

const broken = (rule: string, message: string): BrokenRule => ({ field: "username", rule, message });

const tooLong = broken("max_length", `A username has at most ${maxCharacters} characters.`);
