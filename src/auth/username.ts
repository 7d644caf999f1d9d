// Usernames: stricter than PRECIS UsernameCaseMapped (RFC 8265, 3.3), compared on one canonical form.
import type { BrokenRule } from "../errors.ts";
import { hasInvisibleCharacters } from "./text.ts";

const longestInCharacters = 64;

/** Letters with their marks and ASCII digits; a dot, hyphen or underscore only inside. No `@`: that marks an address. */
const pattern = /^[\p{Letter}0-9]\p{Mark}*(?:[\p{Letter}0-9._-]\p{Mark}*)*$/u;
const rightToLeft = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/** The form that is unique and looked up. Only for a text that `findUsernameProblem` has passed. */
export const canonicalUsername = (typed: string): string =>
  typed.normalize("NFC").toLowerCase().normalize("NFC");

export const findUsernameProblem = (typed: string): BrokenRule | null => {
  const text = typed.normalize("NFC");
  if ([...text].length === 0) return broken("required", "A username is required.");
  if ([...text].length > longestInCharacters)
    return broken("max_length", `A username has at most ${longestInCharacters} characters.`);
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
