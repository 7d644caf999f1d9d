// Refuses new passwords that are long enough but easy to guess: common, breached, or made of the user's or the service's names.
import type { BrokenRule } from "../../errors.ts";
import { findCanonicalEmail } from "../text/emails.ts";
import {
  defaultMinCharacters,
  findCanonicalPassword,
  findPasswordProblem,
  minCharactersOfAny,
} from "../text/passwords.ts";
import { findCanonicalUsername } from "../text/usernames.ts";
import type { IsBreached } from "./breached.ts";

/** The same for every user of this service. */
export interface PasswordPolicy {
  /** Characters. */
  readonly minLength: number;
  readonly isBreached: IsBreached;
  readonly serviceWords: readonly string[];
}

/** What an attacker knows of the user. */
export interface KnownOfUser {
  readonly username: string;
  readonly displayName: string | null;
  readonly email: string | null;
}

/** The minimum that must be left of a password without the known words, digits and symbols. */
const minOwnCharacters = 4;
const minWordLength = 3;

/** Returns null when the password may be set. NIST SP 800-63B, 3.1.1.2: compares with a list, has no composition rules. */
export const findNewPasswordProblem = async (
  typed: string,
  account: KnownOfUser,
  { isBreached, serviceWords, minLength }: PasswordPolicy,
): Promise<BrokenRule | null> => {
  const problem = findPasswordProblem(typed, minLength);
  if (problem) return problem;
  const text = (findCanonicalPassword(typed) ?? "").toLowerCase();
  if (isMadeOf(text, [...serviceWords, ...wordsOf(account)]))
    return broken(
      "personal",
      "The password is too similar to the username, the display name, the email or the service's name.",
    );
  const common = await loadCommonPasswords();
  if (isRun(text) || formsOf(text).some((form) => common.has(form)))
    return broken("common", "This password is too common. Attackers try it early.");
  // Last: only what all other rules let pass is worth a question to somebody else.
  return (await isBreached(typed))
    ? broken("breached", "This password appeared in a data breach. Attackers try such passwords.")
    : null;
};

/** Skips an invalid name: no user will have it, and its length is unlimited. */
const wordsOf = ({ username, displayName, email }: KnownOfUser): string[] => [
  findCanonicalUsername(username) ?? "",
  ...wordsOfText(displayName ?? ""),
  ...wordsOfAddress(email),
];

/** In the stored form, or already refused. */
const wordsOfText = (text: string): string[] => text.toLowerCase().split(/[^\p{Letter}\p{Mark}\p{Number}]+/u);

/** As typed, because a user with a domain in another script does not type its ASCII form. */
const wordsOfAddress = (email: string | null): string[] =>
  email === null || findCanonicalEmail(email) === null
    ? []
    : email.normalize("NFC").toLowerCase().split(/[@.]/);

const isMadeOf = (text: string, words: readonly string[]): boolean => {
  const longestFirst = words
    .filter((word) => word.length >= minWordLength)
    .sort((left, right) => right.length - left.length);
  const rest = longestFirst.reduce((left, word) => left.replaceAll(word, ""), text);
  return rest !== text && [...rest.replaceAll(/[\P{Letter}]/gu, "")].length < minOwnCharacters;
};

/** One repeated character, or consecutive characters: `aaaaaaaaaaaa`, `abcdefghijkl`. */
const isRun = (text: string): boolean => {
  const codes = [...text].map((character) => character.codePointAt(0) ?? 0);
  const steps = new Set(codes.slice(1).map((code, index) => code - (codes[index] ?? 0)));
  const [step = 0] = steps;
  return steps.size === 1 && Math.abs(step) <= 1;
};

/** The text, the text without the digits and symbols around it, and each part that it repeats: for twelve ones, `111` and `111111`. */
const formsOf = (text: string): string[] => {
  const core = text.replaceAll(/^\P{Letter}+|\P{Letter}+$/gu, "");
  const units = Array.from({ length: Math.floor(text.length / 2) }, (_, index) =>
    text.slice(0, index + 1),
  ).filter((unit) => unit.repeat(text.length / unit.length) === text);
  return [text, core, ...units].filter((form) => form.length >= minWordLength);
};

let common: Promise<ReadonlySet<string>> | undefined;

/** 49,000 passwords, half a megabyte: loaded when a password is first set, and kept in memory. */
const loadCommonPasswords = (): Promise<ReadonlySet<string>> => {
  common ??= import("@zxcvbn-ts/language-common").then(
    ({ dictionary }) => new Set<string>(dictionary["passwords-common"].map(String)),
  );
  return common;
};

const broken = (rule: string, message: string): BrokenRule => ({ field: "password", rule, message });

/** Returns `given`, or the default. Throws an error for developers. */
export const requireMinLength = (given: number = defaultMinCharacters): number => {
  if (Number.isInteger(given) && given >= minCharactersOfAny && given <= maxMinLength) return given;
  throw new Error(
    `accounts.passwordPolicy.minLength must be a whole number from ${minCharactersOfAny} to ${maxMinLength}.`,
  );
};

/** Longer ones are refused by many password managers' generators. */
const maxMinLength = 64;
