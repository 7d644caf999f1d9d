// Which new passwords are refused although they are long enough: common ones, and those made of what everybody knows.
import type { BrokenRule } from "../../errors.ts";
import { findCanonicalEmail } from "../text/emails.ts";
import { findCanonicalPassword, findPasswordProblem } from "../text/passwords.ts";
import { findCanonicalUsername } from "../text/usernames.ts";
import type { IsBreached } from "./breached.ts";

/** What holds for every account of this service. */
export interface PasswordPolicy {
  readonly isBreached: IsBreached;
  readonly serviceWords: readonly string[];
}

/** Known of the account to whoever guesses. */
export interface KnownOfUser {
  readonly username: string;
  readonly email: string | null;
}

/** What must be left of a password once the known words, digits and signs are taken out of it. */
const minOwnCharacters = 4;
const minWordLength = 3;

/** Null when the password may be set. NIST SP 800-63B, 3.1.1.2: compared with a list, no rules of composition. */
export const findNewPasswordProblem = async (
  typed: string,
  account: KnownOfUser,
  { isBreached, serviceWords }: PasswordPolicy,
): Promise<BrokenRule | null> => {
  const problem = findPasswordProblem(typed);
  if (problem) return problem;
  const text = (findCanonicalPassword(typed) ?? "").toLowerCase();
  if (isMadeOf(text, [...serviceWords, ...wordsOf(account)]))
    return broken(
      "personal",
      "A password is not made of the username, the e-mail address or the service's name.",
    );
  const common = await loadCommonPasswords();
  if (isRun(text) || formsOf(text).some((form) => common.has(form)))
    return broken("common", "This password is too common: it is among the first that are tried.");
  // Last: only what all other rules let pass is worth a question to somebody else.
  return (await isBreached(typed))
    ? broken("breached", "This password was in a breach of some service: it is among those that are tried.")
    : null;
};

/** None of a name that breaks a rule: there will be no account of it, and it may be of any length. */
const wordsOf = ({ username, email }: KnownOfUser): string[] => [
  findCanonicalUsername(username) ?? "",
  ...wordsOfAddress(email),
];

/** As it is typed: whoever has the domain in letters of their own does not write its ASCII form. */
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

/** One character again and again, or neighbours in a row: `aaaaaaaaaaaa`, `abcdefghijkl`. */
const isRun = (text: string): boolean => {
  const codes = [...text].map((character) => character.codePointAt(0) ?? 0);
  const steps = new Set(codes.slice(1).map((code, index) => code - (codes[index] ?? 0)));
  const [step = 0] = steps;
  return steps.size === 1 && Math.abs(step) <= 1;
};

/** As it is, without the digits and signs around it, and each part that it repeats: `111` and `111111` of twelve ones. */
const formsOf = (text: string): string[] => {
  const core = text.replaceAll(/^\P{Letter}+|\P{Letter}+$/gu, "");
  const units = Array.from({ length: Math.floor(text.length / 2) }, (_, index) =>
    text.slice(0, index + 1),
  ).filter((unit) => unit.repeat(text.length / unit.length) === text);
  return [text, core, ...units].filter((form) => form.length >= minWordLength);
};

let common: Promise<ReadonlySet<string>> | undefined;

/** 49,000 of them, half a megabyte: loaded when a password is first set, and kept. */
const loadCommonPasswords = (): Promise<ReadonlySet<string>> => {
  common ??= import("@zxcvbn-ts/language-common").then(
    ({ dictionary }) => new Set<string>(dictionary["passwords-common"].map(String)),
  );
  return common;
};

const broken = (rule: string, message: string): BrokenRule => ({ field: "password", rule, message });
