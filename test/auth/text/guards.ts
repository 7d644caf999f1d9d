// Security rules of typed text and arguments: several spellings of one name, and values that PostgreSQL refuses.
import type { Guard, Rule } from "../../house/guard.ts";

export const heading = "Text and arguments";

export const rules: readonly Rule[] = [
  [
    "White space around a username or email is no part of it, at registration, login, reset, change and administration; a password keeps it",
    "V2.2.1",
    "typed-text: white space around a name or an email",
  ],
  [
    "A display name has no character that is invisible or turns the direction of the text around it",
    "V2.2.1",
    "auth/flows/profile-update: a display name with nothing to read, with too much, or with what hides the rest",
  ],
  [
    "The length of a text is checked before any other work",
    "V2.2.1, V15.2.2",
    "typed-text: how long a text is, is asked before any work: nothing far too long is normalised, whoever sends it",
    "auth/passwords/passwords: a password of more than 128 characters costs no hash",
  ],
  [
    "Common passwords, and passwords made of the username, the display name, the email or the service's name, are refused",
    "V6.2.4, V6.2.11",
    "typed-text: the password by a link",
  ],
  [
    "An `ID`, number, cursor, date or enum of any shape and size is validated before it reaches PostgreSQL",
    "V2.2.1, V15.3.5",
    "arguments: no ID is a 5xx or reaches PostgreSQL unread, as a literal and as a variable:",
    "arguments: no number, cursor or value of an enum is a 5xx or reaches PostgreSQL unread:",
  ],
];

export const guards: readonly Guard[] = [
  [
    "src/auth/text/profiles.ts",
    "isFarLongerThan(maxNameCharacters, typed) ? typed : withoutEdges",
    "withoutEdges",
    "typed-text: how long a text is, is asked before any work: nothing far too long is normalised, whoever sends it",
  ],
  [
    "src/auth/text/logins.ts",
    "const login = withoutEdges(typed);",
    "const login = typed;",
    "typed-text: white space around a name or an email",
  ],
  [
    "src/auth/flows/registration.ts",
    "const typed = { ...given, username: withoutEdges(given.username), email: withoutEdges(given.email) };",
    "const typed = given;",
    "typed-text: white space around a name or an email",
  ],
  [
    "src/auth/flows/password-reset.ts",
    "const email = withoutEdges(typed);",
    "const email = typed;",
    "typed-text: white space around a name or an email",
  ],
  [
    "src/auth/users/shown-user.ts",
    "(isUuid(id) && (await",
    "(id.length > 30 && (await",
    "arguments: no ID is a 5xx or reaches PostgreSQL unread, as a literal and as a variable:",
  ],
  [
    "src/auth/sessions/ends.ts",
    "if (!isUuid(id)) return false;",
    "",
    "arguments: no ID is a 5xx or reaches PostgreSQL unread, as a literal and as a variable:",
  ],
  [
    "src/auth/page.ts",
    "&& BigInt(text) <= maxId;",
    ";",
    "arguments: no number, cursor or value of an enum is a 5xx or reaches PostgreSQL unread:",
  ],
  [
    "src/auth/users/page.ts",
    "prefix === null ? isUuid(text) :",
    "prefix === null ? true :",
    "arguments: no number, cursor or value of an enum is a 5xx or reaches PostgreSQL unread:",
  ],
  [
    "src/auth/text/passwords.ts",
    "  if (isFarLongerThan(maxCharacters, typed)) return tooLong;\n",
    "",
    "typed-text: how long a text is, is asked before any work: nothing far too long is normalised, whoever sends it",
  ],
  [
    "src/auth/text/characters.ts",
    "const unitsPerCharacter = 8;",
    "const unitsPerCharacter = 2;",
    "typed-text: of 128 characters that are typed in four pieces each is found",
  ],
  [
    "src/auth/passwords/policy.ts",
    "isRun(text) || formsOf(text).some((form) => common.has(form))",
    "isRun(text) || common.has(text)",
    "typed-text: the password by a link",
  ],
  [
    "src/auth/passwords/policy.ts",
    "isRun(text) || formsOf(text).some((form) => common.has(form))",
    "formsOf(text).some((form) => common.has(form))",
    "typed-text: the password by a link",
  ],
  [
    "src/auth/passwords/policy.ts",
    "[...serviceWords, ...wordsOf(account)]",
    "wordsOf(account)",
    "typed-text: the password by a link",
  ],
  [
    "src/auth/text/usernames.ts",
    "  if (isFarLongerThan(maxCharacters, typed)) return tooLong;\n",
    "",
    "typed-text: how long a text is, is asked before any work: nothing far too long is normalised, whoever sends it",
  ],
  [
    "src/auth/text/token-names.ts",
    "  if (isFarLongerThan(maxCharacters, typed)) return tooLong;\n",
    "",
    "typed-text: how long a text is, is asked before any work: nothing far too long is normalised, whoever sends it",
  ],
  [
    "src/auth/text/searches.ts",
    "  if (isFarLongerThan(maxAddressLength, typed)) return typed;\n",
    "",
    "typed-text: how long a text is, is asked before any work: nothing far too long is normalised, whoever sends it",
  ],
  [
    "src/auth/flows/login.ts",
    "subject: { typed: canonical ?? input.username },",
    "subject: { typed: input.username },",
    "typed-text: by what is counted against it: a guess in another spelling is a guess at the same account",
  ],
  [
    "src/auth/text/searches.ts",
    "return findCanonicalEmail(typed) ?? foldUsername(typed);",
    "return findCanonicalEmail(typed) ?? typed;",
    "typed-text: by a search, whole or begun",
  ],
  [
    "src/auth/flows/access-tokens.ts",
    "const name = findCanonicalTokenName(wanted.name);",
    "const name = wanted.name as string | null;",
    "typed-text: the name of an access token is kept composed",
  ],
];
