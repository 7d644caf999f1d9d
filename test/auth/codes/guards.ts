// Security rules of mailed codes, and their guards.
import type { Guard, Rule } from "../../house/guard.ts";

export const heading = "Mailed codes";

export const rules: readonly Rule[] = [
  [
    "The responses to a request for a login code, and to a wrong one, never show whether an email has an account; nor do their statements",
    "V6.3.8",
    "mailed-login: whether an email has an account",
  ],
  [
    "A mailed code is valid for ten minutes and five tries, works once, and only for the login that asked for it; a newer one ends it",
    "V6.6.2, V6.6.3, V6.5.1, V6.5.5",
    "mailed-login: a mailed code",
    "mailed-login: SESSION_SECRET is rotated while a code is under way:",
  ],
  [
    "A mailed code sets a cookie only in the browser that asked for it",
    "V6.6.2",
    "mailed-login: makes no cookie in another browser than the one that asked, and a token in the app that holds the pending token",
  ],
  [
    "The first login by mail to an account whose email was never proven ends its password, sessions, tokens and pending factors",
    "V6.4.3",
    "mailed-login: a user whose email was never proven",
  ],
  [
    "A mailed code does not replace a second factor, and wrong ones cannot keep a user from giving it",
    "V6.3.3",
    "mailed-login: a second factor",
  ],
  [
    "A copy of the database opens no mailed code",
    "V6.5.2",
    "mailed-login: a copy of the database reveals neither the token nor the code",
  ],
  [
    "A user with neither a password nor a second factor proves the mailbox before a sensitive act",
    "V7.5.3",
    "mailed-proof: a user with nothing but a mailbox",
  ],
];

const login = "src/auth/flows/mailed-login.ts";
const mailbox = "src/auth/flows/mailbox-proof.ts";
const rows = "src/auth/challenges/mailed-codes.ts";
const secrets = "src/auth/challenges/code-secrets.ts";

export const guards: readonly Guard[] = [
  [
    "src/auth/challenges/rows.ts",
    'row("wants_cookie", "=", false)]),',
    "]),",
    "mailed-login: a code that a browser asked for is of no use elsewhere, not even to an app with the whole mail",
  ],
  [
    "src/auth/flows/ways-in.ts",
    "users.email is not null and users.email_verified_at is not null)",
    "users.email is not null)",
    "mailed-login: a mailbox is a way in: a user without a password may remove the last passkey, unless the email is unproven",
  ],
  [
    login,
    "const isOfAnyBrowser = !wanted.wantsCookie;",
    "const isOfAnyBrowser = true;",
    "mailed-login: makes no cookie in another browser than the one that asked, and a token in the app that holds the pending token",
  ],
  [
    login,
    "if (!isRight || user === undefined) throw",
    "if (user === undefined) throw",
    "mailed-login: a mailed code",
  ],
  [
    login,
    "if (user.isProven && !(await endChallenge(database, id))) throw",
    "if (user.isProven && !(await endChallenge(database, id)) && false) throw",
    "mailed-login: opens once, however many requests come with it at the same moment",
  ],
  [login, 'proven: "EMAIL_CODE", ', 'proven: "SECOND_FACTOR", ', "mailed-login: a second factor"],
  [login, '    .where("is_active", "=", true)\n', "", "mailed-login: a mailed code"],
  [
    login,
    'if (!areLoginCodesOn) throw switchedOff("Login with mailed codes");\n  const email',
    "const email",
    "mailed-login: LOGIN_CODES=off, as it is without the setting, refuses both operations and says so",
  ],
  [
    login,
    'if (!areLoginCodesOn) throw switchedOff("Login with mailed codes");\n  const browserSecret',
    "const browserSecret",
    "mailed-login: LOGIN_CODES=off, as it is without the setting, refuses both operations and says so",
  ],
  [mailbox, "password_hash: null, ", "", "mailed-login: a user whose email was never proven"],
  [
    mailbox,
    "    await removePendingFactors(transaction, userId);\n",
    "",
    "mailed-login: a user whose email was never proven",
  ],
  [
    mailbox,
    '    await endCredentials(transaction, "mailboxProven", { userId }, origin);\n',
    "",
    "mailed-login: a user whose email was never proven",
  ],
  [
    mailbox,
    "if (!(await endChallenge(transaction, challenge.id))) throw invalidPendingLogin();",
    "await endChallenge(transaction, challenge.id);",
    "mailed-login: is taken over by one of several right codes at the same moment",
  ],
  [
    "src/auth/limits/code-attempts.ts",
    'new BudgetStore(places, "code.account", settings["code.account"], { meter })',
    'new BudgetStore(places, "code.account", { points: 1e6, per: 1000 })',
    "mailed-login: can still be given after a stranger has spent all tries of mailed codes",
  ],
  [
    "src/auth/limits/attempt-counts.ts",
    'keyOf("code", address, browserId)',
    'keyOf("code", address)',
    "mailed-login: can still be given after a stranger has spent all tries of mailed codes",
  ],
  [
    rows,
    '.where("sent_to", "=", address)\n        .where(sql<boolean>`${mayMail}::boolean`)',
    '.where("sent_to", "=", address)',
    "mailed-login: beyond the budget of mails no mail is sent, the answer is the same, and the mailed code stays valid",
  ],
  [
    rows,
    '        .where("purpose", "=", "mailed-code")\n        .where("sent_to", "=", address)',
    '        .where("purpose", "=", "none")\n        .where("sent_to", "=", address)',
    "mailed-login: a mailed code",
  ],
  [
    rows,
    '.where("tries", "<", maxTries)\n    // The email',
    "// The email",
    "mailed-proof: a user with nothing but a mailbox",
  ],
  [
    rows,
    "and session_id = ${sessionId}::uuid\n",
    "and ${sessionId}::uuid is not null\n",
    "mailed-proof: proves nothing with another session's code, a login's code, an older code, or one that has expired",
  ],
  [
    rows,
    '.where("sent_to", "=", ({ selectFrom }) =>\n      selectFrom("users").select("canonical_email").where("id", "=", session.userId),\n    )',
    "",
    "mailed-proof: proves nothing by a code to an email that has changed since",
  ],
  [
    secrets,
    "keys.map((key) => deriveWith(key, id))",
    "keys.slice(0, 1).map((key) => deriveWith(key, id))",
    "mailed-login: SESSION_SECRET is rotated while a code is under way:",
  ],
  [
    secrets,
    "keys.map((key) => timingSafeEqual(",
    "keys.slice(0, 1).map((key) => timingSafeEqual(",
    "mailed-login: SESSION_SECRET is rotated while a code is under way:",
  ],
  [
    secrets,
    "hmac(key, `digest ${id} ${canonicalCode(code)}`)",
    "Buffer.concat([Buffer.from(code)], 32)",
    "mailed-login: a copy of the database reveals neither the token nor the code",
  ],
  [
    login,
    "(mayMail) =>\n      insertLoginCode(",
    "async (mayMail) =>\n      (await findUser(database, address)) !== undefined &&\n      insertLoginCode(",
    "mailed-login: whether an email has an account",
  ],
  [
    "src/auth/challenges/rows.ts",
    '        eb("sent_to", "=", selectFrom("users").select("canonical_email").where("id", "=", userId)),\n',
    "",
    "mailed-login: ends at a logout of the browser that asked, and when the password is changed",
  ],
  [
    "src/auth/flows/reauthentication.ts",
    'if (proof.kind === "TOTP" && (await provesByMail(context, userId))) {',
    'if (proof.kind === "TOTP") {',
    "mailed-proof: a user with a password gets no code, and a code that was mailed before there was one does not stand in for it",
  ],
];
