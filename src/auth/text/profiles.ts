// What users tell of themselves: the display name, and the locale.
import { type BrokenRule, brokenRule, done, type Result, refused } from "../../errors.ts";
import { hasInvisibleCharacters, isFarLongerThan } from "./characters.ts";
import { withoutEdges } from "./edges.ts";

/** Absent: unchanged. Null: removed. */
export interface Profile {
  readonly displayName?: string | null | undefined;
  readonly locale?: string | null | undefined;
}

/** The stored forms, or every broken rule at once. */
export const readProfile = (typed: Profile): Result<Profile> => {
  const displayName = typed.displayName && composed(typed.displayName);
  const locale = typed.locale && withoutEdges(typed.locale);
  const problems = [findDisplayNameProblem(displayName), findLocaleProblem(locale)].filter(
    (problem) => problem !== null,
  );
  if (problems.length > 0) return refused(...problems);
  return done({ displayName, locale: locale && findCanonicalLocale(locale) });
};

const maxNameCharacters = 100;
const maxLocaleLength = 35;

/** Far too long a name is not normalized, but refused. */
const composed = (typed: string): string =>
  isFarLongerThan(maxNameCharacters, typed) ? typed : withoutEdges(typed.normalize("NFC"));

const findDisplayNameProblem = (text: string | null | undefined): BrokenRule | null => {
  if (text === null || text === undefined) return null;
  if (text === "") return noName;
  if (isFarLongerThan(maxNameCharacters, text) || [...text].length > maxNameCharacters) return longName;
  // A name that turns the direction of the text around it, or that hides letters, would show another name.
  return hasInvisibleCharacters(withoutJoiners(text)) || !hasVisibleCharacter.test(text) || stacked.test(text)
    ? invisible
    : null;
};

/** U+2800 is a blank of braille, though Unicode counts it among the symbols. */
const hasVisibleCharacter = /[[\p{Letter}\p{Number}\p{Punctuation}\p{Symbol}]--[\u2800]]/v;
/** More marks on one letter than any language writes: they would cover the lines around the name. */
const stacked = /\p{Mark}{5}/u;

/** Emoji need them after a visible character, Persian and Indic names between two. */
const withoutJoiners = (text: string): string =>
  text
    .replaceAll(/(?<=[\p{Letter}\p{Number}\p{Symbol}])(?:\ufe0e|\ufe0f)/gu, "")
    .replaceAll(
      /(?<=[\p{Letter}\p{Mark}\p{Symbol}])(?:\u200c|\u200d)(?=[\p{Letter}\p{Mark}\p{Symbol}])/gu,
      "",
    );

const findLocaleProblem = (text: string | null | undefined): BrokenRule | null => {
  if (text === null || text === undefined) return null;
  const canonical = text.length > maxLocaleLength ? null : findCanonicalLocale(text);
  return canonical === null || canonical.length > maxLocaleLength ? noLocale : null;
};

const findCanonicalLocale = (text: string): string | null => {
  try {
    return new Intl.Locale(text).toString();
  } catch {
    return null;
  }
};

const noName = brokenRule("displayName", "required", "A display name has at least one visible character.");
const longName = brokenRule(
  "displayName",
  "max_length",
  `A display name must have at most ${maxNameCharacters} characters.`,
);
const invisible = brokenRule(
  "displayName",
  "characters",
  "A display name must have only visible characters.",
);
const noLocale = brokenRule(
  "locale",
  "format",
  `A locale is a BCP 47 tag of at most ${maxLocaleLength} characters, such as de or pt-BR.`,
);
