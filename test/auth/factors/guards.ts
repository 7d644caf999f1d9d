// Security rules of second factors: the gate of every login, codes, recovery codes, trusted browsers, and who may change them.
import type { Guard, Rule } from "../../house/guard.ts";

export const heading = "Second factors";

export const rules: readonly Rule[] = [
  [
    "A user with a second factor gets no session without it, whatever way the login took",
    "V6.3.3",
    "totp: answers with a challenge and nothing else: no session, no token, no cookie but the pending one",
    "gate: who inserts a session, who comes through the gate, and who renews a session: nobody else",
  ],
  [
    "A code works once, and a recovery code works once",
    "V6.5.1",
    "totp: refuses a code a second time, also when it comes twice at once, and the code that enrolled",
    "totp: accepts a recovery code once, however it is typed",
  ],
  [
    "Wrong codes are few, and are no weapon without the password",
    "V6.3.1, V6.6.3",
    "second-step: is one of ten of the user in all logins, then a right one waits too, and nobody else does",
  ],
  [
    "A reset by mail neither removes nor passes a second factor",
    "V6.4.3",
    "takeover: neither removes a second factor nor passes it: who reads the mailbox only is still asked",
  ],
  [
    "Changing a factor asks for a factor, and the owner gets a mail",
    "V7.5.1, V6.3.7",
    "step-up: a sensitive act of a user with a second factor",
    "takeover: each change of a factor, and each use of a recovery code, is told to the owner by mail",
  ],
];

const codeOnce =
  "totp: refuses a code a second time, also when it comes twice at once, and the code that enrolled";
const otherBrowser = "second-step: is worth nothing in another browser, and is completed on another server";
const notOurs =
  "trusted-browsers: is no browser of an administrator, nor of a user whose role grants anything";
const stepUp = "step-up: a sensitive act of a user with a second factor";
const walk = "policy: is refused by every private root field, but for those that say otherwise";

export const guards: readonly Guard[] = [
  [
    "src/auth/flows/login.ts",
    'proven: "PASSWORD"',
    'proven: "SECOND_FACTOR"',
    "gate: who inserts a session, who comes through the gate, and who renews a session: nobody else",
  ],
  [
    "src/auth/sessions/start.ts",
    "sql<boolean>`not ${hasSecondFactor}`,",
    "sql<boolean>`(not ${hasSecondFactor} or users.device_generation > 0)`,",
    "takeover: neither removes a second factor nor passes it: who reads the mailbox only is still asked",
  ],
  [
    "src/auth/factors/recovery-codes.ts",
    "return numDeletedRows === 1n;",
    "return numDeletedRows >= 0n;",
    "totp: accepts a recovery code once, however it is typed",
  ],
  [
    "src/auth/flows/factors/changes.ts",
    'template: isAdded ? "second-factor-added" : "second-factor-removed",',
    'template: "second-factor-removed",',
    "takeover: each change of a factor, and each use of a recovery code, is told to the owner by mail",
  ],
  [
    "src/auth/sessions/start.ts",
    "sql<boolean>`not ${hasSecondFactor}`,",
    "sql<boolean>`true`,",
    "totp: answers with a challenge and nothing else: no session, no token, no cookie but the pending one",
  ],
  [
    "src/auth/sessions/start.ts",
    "...(trusted === null ? [] : [sql<boolean>`${trustedSince(trusted)} is not null`]),",
    "...(trusted === null ? [] : [sql<boolean>`true`]),",
    "trusted-browsers: is trusted for its own user only",
  ],
  [
    "src/auth/viewer/second-factor.ts",
    "and totp.confirmed_at is not null",
    "",
    "step-up: is over ten minutes after its start",
  ],
  ["src/auth/factors/totp-rows.ts", '    .where("last_step", "<", step)\n', "", codeOnce],
  ["src/auth/factors/totp-rows.ts", "      last_step: step,\n", "", codeOnce],
  [
    "src/auth/factors/totp-rows.ts",
    '.where("pending_until", ">", sql<Date>`now()`)',
    '.where("pending_until", "is not", null)',
    "step-up: is over ten minutes after its start",
  ],
  [
    "src/auth/factors/totp.ts",
    "const window = 1;",
    "const window = 2;",
    "totp: computes the code of RFC 6238 for the second",
  ],
  [
    "src/auth/secrets/sealed.ts",
    ".setAAD(Buffer.from(owner))\n        .setAuthTag",
    ".setAAD(Buffer.from(owner.slice(0, 0)))\n        .setAuthTag",
    "totp: is complete with the code, and then opens what is private with cookie and token",
  ],
  [
    "src/auth/factors/totp-rows.ts",
    "pending_sealed_secret: sealer.seal(secret, userId),",
    "pending_sealed_secret: secret,",
    "totp: the secret is shown as text, as an otpauth: URI and as a QR code, and stored sealed",
  ],
  [
    "src/auth/challenges/rows.ts",
    '.where("tries", "<", maxTries)',
    '.where("tries", "<", 1000)',
    "second-step: is one of five: then the login begins again, also when they come at once",
  ],
  [
    "src/auth/challenges/rows.ts",
    '...(browserSecret === null ? [] : [row("browser_digest", "=", digest(browserSecret))]),',
    '...(browserSecret === null ? [] : [row("browser_digest", "is not", null)]),',
    otherBrowser,
  ],
  [
    "src/auth/challenges/rows.ts",
    '        row("browser_digest", "is", null),\n',
    "        sql<boolean>`true`,\n",
    otherBrowser,
  ],
  [
    "src/auth/challenges/rows.ts",
    '    .where("purpose", "=", purpose)\n    .where("expires_at", ">", sql<Date>`now()`)\n',
    '    .where("purpose", "=", purpose)\n',
    "second-step: is over after ten minutes",
  ],
  [
    "src/auth/flows/factors/second-step.ts",
    "if (!(await endChallenge(services.database, id))) throw invalidPendingLogin();",
    "await endChallenge(services.database, id);",
    "second-step: logs in once, also when two right proofs come at once",
  ],
  [
    "src/auth/flows/logout.ts",
    "await endChallengesOfBrowser(services.database, browserSecret);",
    "",
    "second-step: between the two steps",
  ],
  [
    "src/auth/flows/session-revocation.ts",
    "    await endChallengesOf(transaction, userId);\n",
    "",
    "second-step: between the two steps",
  ],
  [
    "src/auth/flows/session-revocation.ts",
    "    await endTrustedBrowsersOf(transaction, userId);\n",
    "",
    "trusted-browsers: the trust in a browser ends with",
  ],
  [
    "src/auth/endings.ts",
    "    await endChallengesOf(transaction, userId);\n",
    "",
    "second-step: a deactivation ends it",
  ],
  [
    "src/auth/endings.ts",
    "    await endTrustedBrowsersOf(transaction, userId);\n",
    "",
    "trusted-browsers: the trust in a browser ends with",
  ],
  [
    "src/auth/limits/factor-attempts.ts",
    '        throw rateLimited(refusal.msBeforeNext, "factor.account");\n',
    "",
    "second-step: is one of ten of the user in all logins, then a right one waits too, and nobody else does",
  ],
  [
    "src/auth/limits/factor-attempts.ts",
    "else await budget.refund(key, countedIn).catch(() => undefined);",
    "",
    "second-step: costs the budget, a right one does not: a user may log in all day",
  ],
  [
    "src/auth/flows/factors/proof.ts",
    "proof === undefined || given.length > 1",
    "proof === undefined",
    "second-step: exactly one proof is taken: none and two are bad input, and spend nothing",
  ],
  [
    "src/auth/factors/recovery-codes.ts",
    '    .where("user_id", "=", userId)\n    .where("digest", "=", digestOf(code))',
    '    .where("user_id", "=", userId)',
    "totp: accepts a recovery code once, however it is typed",
  ],
  [
    "src/auth/sessions/recent-login.ts",
    'row.or([row("sessions.second_factor_at", ">", ago(recent)), sql<boolean>`not ${hasSecondFactor}`]),',
    'row.or([row("sessions.second_factor_at", ">", ago(recent)), sql<boolean>`true`]),',
    stepUp,
  ],
  [
    "src/auth/sessions/recent-login.ts",
    'row("sessions.second_factor_at", ">", ago(recent))',
    'row("sessions.second_factor_at", "is not", null)',
    stepUp,
  ],
  [
    "src/auth/flows/reauthentication.ts",
    "proveOwnPassword(context, { userId, password });\n    return { generation, hasSecondFactor: false };",
    "proveOwnPassword(context, { userId, password });\n    return { generation, hasSecondFactor: true };",
    stepUp,
  ],
  [
    "src/auth/flows/factors/changes.ts",
    'return hasUnproven ? brokenRule("email", "email_unverified", "Please verify your email first.") : null;',
    "return null;",
    "step-up: needs a proven email: who registered with somebody's address cannot lock its owner out",
  ],
  [
    "src/auth/factors/policy.ts",
    'if (!viewer.user.hasSecondFactor) return "enrol";',
    'if (!viewer.user.hasSecondFactor || requires(viewer)) return "enrol";',
    "policy: may do everything as soon as there is one, in the same session",
  ],
  [
    "src/auth/access/auth-checker.ts",
    "if (viewer !== null && asksEnrolled !== null) requireNoDuty(asksEnrolled, viewer, methods);",
    "if (viewer !== null && asksEnrolled !== null && allowed.length > 0) requireNoDuty(asksEnrolled, viewer, methods);",
    walk,
  ],
  [
    "src/auth/access/guard.ts",
    "allowsUnenrolled: rules.unenrolled.has(coordinate),",
    "allowsUnenrolled: rules.unverified.has(coordinate),",
    walk,
  ],
  ["src/auth/factors/trusted-browsers.ts", "    and not ${isAdministrative})`;", "    )`;", notOurs],
  [
    "src/auth/factors/trusted-browsers.ts",
    "and trusted.expires_at > now()",
    "",
    "trusted-browsers: is one for 30 days, however often it is used",
  ],
  [
    "src/auth/factors/trusted-browsers.ts",
    "and trusted.factor_epoch = users.factor_epoch",
    "",
    "trusted-browsers: has another secret after each second step, so that a copy of the earlier cookie is of no use",
  ],
  [
    "src/auth/factors/trusted-browsers.ts",
    'await database.deleteFrom("trusted_browsers").where("digest", "=", digest(earlierSecret)).execute();',
    ";",
    "trusted-browsers: leaves no row behind when it is trusted again",
  ],
  [
    "src/auth/flows/email-change-undo.ts",
    "if (await removeFactorsAddedSince(transaction, userId, since)) {",
    "if (false) {",
    "takeover: takes the thief's second factor away, which would lock the owner out",
  ],
  [
    "src/auth/factors/removal.ts",
    'row("confirmed_at", ">", since)',
    'row("confirmed_at", "is not", null)',
    "takeover: leaves the second factor that the owner has had for more than a week",
  ],
  [
    "src/auth/flows/email-change-undo.ts",
    "const windowOfThief = days(7);",
    "const windowOfThief = days(0);",
    "takeover: takes one away that the thief added before the change, too",
  ],
  [
    "src/auth/limits/attempt-counts.ts",
    'keyOf("factor", by, userId);',
    'keyOf("factor", userId, by === "login" ? "" : "");',
    "second-step: is no weapon of a stolen session: its attempts are counted apart",
  ],
  [
    "src/auth/factors/policy.ts",
    'return viewer.hasProvenFactor ? null : "prove";',
    "return null;",
    "policy: lifts no session that has not proven it: one that a stolen password began before is asked first",
  ],
  [
    "src/auth/sessions/start.ts",
    'case when account."hasSecondFactor" then ${before} end',
    'case when account."hasSecondFactor" then now() end',
    "trusted-browsers: spares the second step only: never the password, and never the proof of a sensitive act",
  ],
];
