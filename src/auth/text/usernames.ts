// Validates usernames, more strictly than PRECIS UsernameCaseMapped (RFC 8265, 3.3), and computes their canonical form.
import type { BrokenRule } from "../../errors.ts";
import { hasInvisibleCharacters, isFarLongerThan } from "./characters.ts";
import { isOfOneScript } from "./scripts.ts";
import { skeletonOf } from "./skeletons.ts";

const maxCharacters = 64;

/** Letters with their marks and ASCII digits; a dot, hyphen or underscore only inside. No `@`, which marks an email. */
const pattern = /^[\p{Letter}0-9]\p{Mark}*(?:[\p{Letter}0-9._-]\p{Mark}*)*$/u;
const rightToLeft = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/** For a new name. */
export const findUsernameProblem = (typed: string): BrokenRule | null =>
  findShapeProblem(typed) ?? (isOfOneScript(shownUsername(typed)) ? null : ofManyScripts);

/** Names from before the rule of one script keep their logins, so only new names must keep it. */
const findShapeProblem = (typed: string): BrokenRule | null => {
  if (isFarLongerThan(maxCharacters, typed)) return tooLong;
  // The lower-case form can be longer, and is what is looked up, so it must keep the rules too.
  return findProblemIn(shownUsername(typed)) ?? findProblemIn(foldUsername(typed));
};

/** The unique form that is looked up. Null for an invalid username, which no user has. */
export const findCanonicalUsername = (typed: string): string | null =>
  findShapeProblem(typed) === null ? foldUsername(typed) : null;

export interface UsernameForms {
  readonly shown: string;
  readonly canonical: string;
  /** Unique too: names that look alike have the same. */
  readonly skeleton: string;
}

/** Returns the forms that are stored. The caller has validated the name: a broken rule here is a bug. */
export const requireUsername = (typed: string): UsernameForms => {
  const canonical = findCanonicalUsername(typed);
  if (canonical === null) throw new Error("requireUsername() was given what findUsernameProblem() refuses.");
  const shown = shownUsername(typed);
  return { shown, canonical, skeleton: skeletonOf(shown) };
};

const shownUsername = (typed: string): string => typed.normalize("NFC");

/** Leaves room for a number behind it. */
const maxProposedCharacters = 40;

/** A username made of what another service calls a person: what is before an `@`, other characters as hyphens. Null when nothing valid is left. */
export const proposeUsername = (text: string): string | null => {
  if (isFarLongerThan(maxCharacters, text)) return null;
  const [beforeAt = ""] = text.split("@");
  const joined = beforeAt.normalize("NFKC").replaceAll(/[^\p{Letter}\p{Mark}0-9._-]+/gu, "-");
  const cut = [...joined].slice(0, maxProposedCharacters).join("");
  const proposed = cut.replaceAll(/^[^\p{Letter}0-9]+|[._-]+$/gu, "");
  return findUsernameProblem(proposed) === null ? proposed : null;
};

/** Works for part of a username too. Check the length with `isFarLongerThan` first. */
export const foldUsername = (typed: string): string => typed.normalize("NFC").toLowerCase().normalize("NFC");

const findProblemIn = (text: string): BrokenRule | null => {
  if (text === "") return broken("required", "A username is required.");
  if ([...text].length > maxCharacters) return tooLong;
  if (text.includes("@")) return broken("no_at_sign", "A username must not contain @.");
  if (hasInvisibleCharacters(text) || !pattern.test(text) || /[._-]$/.test(text))
    return broken(
      "characters",
      "A username can have letters and digits, with dots, hyphens and underscores between them.",
    );
  // Compatibility characters (fullwidth, ligatures, mathematical letters) look like the plain ones.
  if (text.normalize("NFKC") !== text)
    return broken("characters", "A username must not have special forms of letters.");
  // RFC 5893: a name that runs both ways can be shown in the order of another name.
  if (rightToLeft.test(text) && (/\p{Script=Latin}/u.test(text) || /^[0-9]/.test(text)))
    return broken("direction", "A username must not mix writing directions.");
  return null;
};

const broken = (rule: string, message: string): BrokenRule => ({ field: "username", rule, message });

const ofManyScripts = broken("script", "A username must be written in one script.");

const tooLong = broken("max_length", `A username must have at most ${maxCharacters} characters.`);
