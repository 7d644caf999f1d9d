// Rules for every text in a request: which characters it may contain, and how long it may be.

/**
 * Unicode without lone surrogates and NUL. A lone surrogate becomes U+FFFD in UTF-8, so that two different passwords would be
 * equal; PostgreSQL cannot store NUL.
 */
export const isStorableText = (text: string): boolean => text.isWellFormed() && !text.includes("\0");

/** Invisible characters, and those that reorder text: two names that look alike would be two users. */
export const hasInvisibleCharacters = (text: string): boolean =>
  /[\p{Control}\p{Format}\p{Default_Ignorable_Code_Point}\p{Surrogate}\p{Private_Use}\p{Unassigned}\p{Zl}\p{Zp}]/u.test(
    text,
  );

/** A character has one or two UTF-16 units, and NFC composes at most four characters to one (UAX 15, "Stability and expansion"). */
const unitsPerCharacter = 8;

/**
 * True only for a text that is longer than `characters` in every normal form. Call it before `normalize`, whose time grows with
 * the square of the combining marks in a row: 100 KB of them block the process for seconds.
 */
export const isFarLongerThan = (characters: number, text: string): boolean =>
  text.length > characters * unitsPerCharacter;
