// What a text may hold at all, and how much of it: rules for every string that arrives, whatever it means.

/**
 * Unicode without lone surrogates, and without NUL. A lone surrogate becomes U+FFFD on its way to UTF-8, so that two
 * different passwords would be one; PostgreSQL has no NUL.
 */
export const isStorableText = (text: string): boolean => text.isWellFormed() && !text.includes("\0");

/** Characters that show nothing or reorder what is shown: two names that look alike would be two accounts. */
export const hasInvisibleCharacters = (text: string): boolean =>
  /[\p{Control}\p{Format}\p{Default_Ignorable_Code_Point}\p{Surrogate}\p{Private_Use}\p{Unassigned}\p{Zl}\p{Zp}]/u.test(
    text,
  );

/** A character has one or two units, and what is composed to one was typed as at most four (UAX 15, "Stability and expansion"). */
const unitsPerCharacter = 8;

/**
 * Without looking into the text, true only of one that is longer than `characters` however it is written. Asked before
 * `normalize`, whose time grows with the square of the combining marks in a row: 100 KB of them stop the process for seconds.
 */
export const isFarLongerThan = (characters: number, text: string): boolean =>
  text.length > characters * unitsPerCharacter;
