// What keeps one name for one person, and tells strangers nothing of who has an account.
import type { Guard } from "../house/guard.ts";

export const identity: readonly Guard[] = [
  {
    file: "src/auth/text/usernames.ts",
    code: '  if (text.includes("@")) return',
    broken: '  if (text.startsWith("@")) return',
    test: "auth/passwords/passwords",
    title: "name the rule that they break",
  },
  {
    file: "src/auth/text/usernames.ts",
    code: "if (hasInvisibleCharacters(text) || !pattern.test(text)",
    broken: "if (!pattern.test(text)",
    test: "auth/passwords/passwords",
    title: "usernames and addresses",
  },
  {
    file: "src/auth/text/usernames.ts",
    code: 'if (text.normalize("NFKC") !== text)',
    broken: 'if (text.normalize("NFC") !== text)',
    test: "auth/passwords/passwords",
    title: "usernames and addresses",
  },
  {
    file: "src/auth/text/usernames.ts",
    code: "(/\\p{Script=Latin}/u.test(text) || /^[0-9]/.test(text))",
    broken: "/\\p{Script=Latin}/u.test(text)",
    test: "auth/passwords/passwords",
    title: "usernames and addresses",
  },
  {
    file: "src/auth/text/usernames.ts",
    code: "return findProblemIn(shownUsername(typed)) ?? findProblemIn(foldUsername(typed));",
    broken: "return findProblemIn(shownUsername(typed));",
    test: "auth/passwords/passwords",
    title: "usernames and addresses",
  },
  {
    file: "src/auth/text/usernames.ts",
    code: 'typed.normalize("NFC").toLowerCase().normalize("NFC")',
    broken: 'typed.normalize("NFC").toLowerCase()',
    test: "auth/passwords/passwords",
    title: "are unique in one canonical form, by the database",
  },
  {
    file: "src/auth/text/emails.ts",
    code: "const host = domainToASCII(typed.slice(at + 1)).toLowerCase();",
    broken: "const host = typed.slice(at + 1).toLowerCase();",
    test: "auth/passwords/passwords",
    title: "are unique in one canonical form, by the database",
  },
  {
    file: "src/auth/text/emails.ts",
    code: "|| !typedDomain.test(typed.slice(at + 1))",
    broken: "",
    test: "auth/passwords/passwords",
    title: "usernames and addresses",
  },
  {
    file: "src/auth/text/usernames.ts",
    code: "  if (isFarLongerThan(longestInCharacters, typed)) return tooLong;\n",
    broken: "",
    test: "auth/text/typed-text",
    title:
      "how long a text is, is asked before any work: nothing far too long is normalised, whoever sends it",
  },
  {
    file: "src/auth/text/token-names.ts",
    code: "  if (isFarLongerThan(longestInCharacters, typed)) return tooLong;\n",
    broken: "",
    test: "auth/text/typed-text",
    title:
      "how long a text is, is asked before any work: nothing far too long is normalised, whoever sends it",
  },
  {
    file: "src/auth/text/searches.ts",
    code: "  if (isFarLongerThan(longestAddress, typed)) return typed;\n",
    broken: "",
    test: "auth/text/typed-text",
    title:
      "how long a text is, is asked before any work: nothing far too long is normalised, whoever sends it",
  },
  {
    file: "src/auth/flows/login.ts",
    code: "subject: { typed: canonical ?? input.username },",
    broken: "subject: { typed: input.username },",
    test: "auth/text/typed-text",
    title: "by what is counted against it: a guess in another spelling is a guess at the same account",
  },
  {
    file: "src/auth/text/searches.ts",
    code: "return findCanonicalEmail(typed) ?? foldUsername(typed);",
    broken: "return findCanonicalEmail(typed) ?? typed;",
    test: "auth/text/typed-text",
    title: "by a search, whole or begun",
  },
  {
    file: "src/auth/administration/operator.ts",
    code: "    findUsernameProblem(username),\n",
    broken: "",
    test: "auth/passwords/passwords",
    title: "usernames and addresses",
  },
  {
    file: "src/auth/flows/access-tokens.ts",
    code: "const name = findCanonicalTokenName(wanted.name);",
    broken: "const name = wanted.name as string | null;",
    test: "auth/text/typed-text",
    title: "the name of an access token is kept composed",
  },
  {
    file: "src/auth/flows/registration.ts",
    code: "const pendingEmail = owner === undefined ? null : typed.email;",
    broken: "const pendingEmail = null;",
    test: "auth/flows/registration",
    title:
      "with a taken address is answered byte for byte like any other, logs in alike, and tells its owner by mail",
  },
  {
    file: "src/auth/flows/login.ts",
    code: 'const proven = query.where("email_verified_at", "is not", null);',
    broken: "const proven = query;",
    test: "auth/flows/registration",
    title:
      "with a taken address is answered byte for byte like any other, logs in alike, and tells its owner by mail",
  },
  {
    file: "src/auth/flows/registration.ts",
    code: "ownerId: owner?.id ?? null",
    broken: "ownerId: null",
    test: "auth/flows/registration",
    title:
      "with a taken address is answered byte for byte like any other, logs in alike, and tells its owner by mail",
  },
  {
    file: "src/auth/flows/registration.ts",
    code: "const oneTimeTokenId = await issueOneTimeToken(transaction, keys, token);",
    broken:
      'const oneTimeTokenId = ownerId === null ? await issueOneTimeToken(transaction, keys, token) : "";',
    test: "auth/flows/registration",
    title: "with a taken address makes the same statements, and so does asking for its link again",
  },
  {
    file: "src/auth/flows/email-verification.ts",
    code: "const owner = await findAddressOwnerForGood(transaction, sentTo);",
    broken:
      "const owner = account.email === null ? await findAddressOwnerForGood(transaction, sentTo) : { id: userId };",
    test: "auth/flows/registration",
    title: "with a taken address makes the same statements, and so does asking for its link again",
  },
  {
    file: "src/auth/flows/data-export-sections.ts",
    code: 'sql<string | null>`coalesce(email, pending_email)`.as("email")',
    broken: '["email", "pending_email as pendingEmail"]',
    test: "auth/flows/registration",
    title: "with a taken address exports what any other exports: no word of whose the address is",
  },
  {
    file: "src/auth/flows/password-reset.ts",
    code: '  const address = findCanonicalEmail(email) ?? "";\n',
    broken:
      '  const address = findCanonicalEmail(email) ?? "";\n  const known = database.selectFrom("users").select("id").where("canonical_email", "=", address);\n  if ((await known.executeTakeFirst()) === undefined) throw invalidToken();\n',
    test: "auth/flows/password-change",
    title:
      "is answered byte for byte alike for any address, by one job, and mailed only where there is an account",
  },
  {
    file: "src/auth/flows/email-change.ts",
    code: "    const owner = await findAddressOwner(transaction, email);\n",
    broken:
      "    const owner = await findAddressOwner(transaction, email);\n    if (owner !== undefined && owner.id !== userId) throw badUserInput([unchanged]);\n",
    test: "auth/flows/email-change",
    title: "tells nothing, not in a byte, of an address that somebody has, but to its owner",
  },
  {
    file: "src/auth/flows/email-change.ts",
    code: "sentTo: email, replaces: true }",
    broken: "sentTo: email, replaces: false }",
    test: "auth/flows/email-change",
    title: "is replaced by a newer one, whether the newer address is free or taken",
  },
  {
    file: "src/auth/flows/email-verification.ts",
    code: "if (viewer?.userId !== userId) {",
    broken: "if (viewer === null) {",
    test: "auth/flows/registration",
    title: "blesses nothing by itself: it asks for the account's own login or password",
  },
  {
    file: "src/auth/flows/email-verification.ts",
    code: "  if (password === null) throw unauthenticated();\n",
    broken: "  if (password === null) return;\n",
    test: "auth/flows/registration",
    title: "blesses nothing by itself: it asks for the account's own login or password",
  },
  {
    file: "src/auth/endings.ts",
    code: 'passwordReset: {\n    sessions: "all"',
    broken: 'passwordReset: {\n    sessions: "none"',
    test: "auth/flows/password-change",
    title: "is set by the link once: every credential ends, the owner is told, and nobody is logged in",
  },
  {
    file: "src/auth/endings.ts",
    code: 'passwordReset: {\n    sessions: "all",\n    accessTokens: "all"',
    broken: 'passwordReset: {\n    sessions: "all",\n    accessTokens: "none"',
    test: "auth/flows/password-change",
    title: "is set by the link once: every credential ends, the owner is told, and nobody is logged in",
  },
];
