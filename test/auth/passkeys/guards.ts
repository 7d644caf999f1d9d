// Security rules of passkeys: phishing, replay, framing, stolen challenges, copied keys and foreign credentials.
import type { Guard, Rule } from "../../house/guard.ts";

export const heading = "Passkeys";

const refusals = "login: refuses what proves nothing, with one answer for all, and sets nothing";
const challengeUsed = "login: uses its challenge up, whatever the outcome";
const stepUsed = "login: uses its challenge up, whatever the outcome; and accepts it for five minutes";
const addUsed =
  "enrolment: uses its challenge up, whatever the outcome, and serves only the session that began";
const inBrowser = "login: sets a cookie only in the browser that began it; an app needs no cookie";
const reauthentication =
  "enrolment: refuses another user's passkey, another session's challenge, another purpose's, a used and an old one";

export const rules: readonly Rule[] = [
  [
    "A passkey is accepted only for the domain and the origins of the settings, from a page of our own, and with its user verified",
    "V6.3.3",
    "login: refuses what proves nothing, with one answer for all, and sets nothing",
    "enrolment: refuses what proves nothing, and adds nothing",
  ],
  [
    "A challenge is stored as a digest, serves one purpose, browser, session and user, and is used up whatever the outcome",
    "V6.7.2",
    challengeUsed,
    stepUsed,
    addUsed,
    inBrowser,
    reauthentication,
    "login: is one login when its challenge is used eight times at once",
  ],
  [
    "A passkey that nobody has, another user's and a wrong one get one answer, and so does a malformed response",
    "V6.3.8",
    "login: refuses what proves nothing, with one answer for all, and sets nothing",
    "malformed: is refused like a wrong passkey in a login",
  ],
  [
    "A counter that has not risen refuses a passkey of one device, and tells the owner of every passkey",
    "",
    "counters: refuses a passkey of one device when it falls or stays, tells the owner, and records it",
    "counters: is judged by what was stored: a copy that says it is backed up gains nothing",
  ],
  [
    "PASSKEYS=off opens no account with a password alone",
    "V6.3.3",
    "switched-off: a passkey still asks for a second step, and a recovery code completes it",
  ],
];

export const guards: readonly Guard[] = [
  // Framing.
  [
    "src/auth/passkeys/responses.ts",
    "crossOrigin: z.literal(false).optional()",
    "crossOrigin: z.unknown().optional()",
    refusals,
  ],
  [
    "src/auth/passkeys/responses.ts",
    "topOrigin: z.never().optional()",
    "topOrigin: z.unknown().optional()",
    "enrolment: refuses what proves nothing, and adds nothing",
  ],
  [
    "src/auth/passkeys/verification.ts",
    "    // SSRF: the library fetches the list of revoked certificates from the address that a certificate of the client names.\n",
    "    return verifyRegistrationResponse({ response: { ...response, clientExtensionResults: {} }, expectedChallenge: isChallenge(challenge), expectedOrigin: [...origins], expectedRPID: rpId });\n",
    "enrolment: refuses what proves nothing, and adds nothing",
  ],
  [
    "src/auth/passkeys/verification.ts",
    "credential.id !== response.id || ",
    "",
    "enrolment: refuses a credential that another user has, and one whose id differs from what was signed",
  ],
  [
    "src/auth/passkeys/verification.ts",
    "      requireUserVerification: true,\n      supportedAlgorithmIDs",
    "      requireUserVerification: false,\n      supportedAlgorithmIDs",
    "enrolment: refuses what proves nothing, and adds nothing",
  ],
  [
    "src/auth/passkeys/verification.ts",
    "      requireUserVerification: true,\n      // The library",
    "      requireUserVerification: false,\n      // The library",
    refusals,
  ],
  [
    "src/auth/passkeys/verification.ts",
    'typeof signed === "string" && timingSafeEqual(digest(signed), stored)',
    'typeof signed === "string" && timingSafeEqual !== undefined && digest !== undefined && stored.length === 32',
    "login: refuses a response a second time with another challenge",
  ],
  // Whose it is.
  [
    "src/auth/passkeys/use.ts",
    "userHandle === null ? isNamed :",
    "userHandle === null ? true || isNamed :",
    refusals,
  ],
  [
    "src/auth/passkeys/use.ts",
    'Buffer.from(userHandle, "base64url").equals(stored)',
    "stored.length > 0",
    refusals,
  ],
  [
    "src/auth/passkeys/use.ts",
    "verified.backupEligible !== credential.backupEligible",
    "verified.backupEligible === undefined",
    refusals,
  ],
  [
    "src/auth/passkeys/rows.ts",
    'query.where("passkeys.user_id", "=", userId)',
    "query",
    "login: refuses a passkey of another user, like a wrong one",
  ],
  [
    "src/auth/passkeys/rows.ts",
    'conflict.column("credential_id").doNothing()',
    'conflict.column("credential_id").doUpdateSet({ user_id: userId })',
    "enrolment: refuses a credential that another user has, and one whose id differs from what was signed",
  ],
  // Counters.
  [
    "src/auth/passkeys/rows.ts",
    'row("counter", "<", counter)',
    'row("counter", "<=", counter)',
    "counters: lets one of two uses with the same count pass, at the same moment",
  ],
  [
    "src/auth/passkeys/rows.ts",
    '"backed_up as isAccepted"',
    'sql<boolean>`${backedUp}::boolean`.as("isAccepted")',
    "counters: is judged by what was stored: a copy that says it is backed up gains nothing",
  ],
  [
    "src/auth/passkeys/use.ts",
    "return isAccepted;",
    "return true;",
    "counters: refuses a passkey of one device when it falls or stays, tells the owner, and records it",
  ],
  // What the library throws.
  [
    "src/auth/passkeys/verification.ts",
    "  try {\n    return await verify();",
    "  if (Date.now() > 0) return verify();\n  try {\n    return await verify();",
    "malformed: is refused like a wrong passkey in a login",
  ],
  // Challenges.
  [
    "src/auth/challenges/passkey-challenges.ts",
    '    .deleteFrom("proof_challenges")\n    .where("digest"',
    '    .updateTable("proof_challenges")\n    .set({ tries: 1 })\n    .where("digest"',
    challengeUsed,
  ],
  [
    "src/auth/challenges/passkey-challenges.ts",
    '    .deleteFrom("proof_challenges")\n    .where("digest"',
    '    .updateTable("proof_challenges")\n    .set({ tries: 1 })\n    .where("digest"',
    "login: is one login when its challenge is used eight times at once",
  ],
  [
    "src/auth/challenges/passkey-challenges.ts",
    '    .where("session_id", "=", sessionId)\n    .where("user_id", "=", userId)\n',
    '    .where("user_id", "=", userId)\n',
    reauthentication,
  ],
  [
    "src/auth/challenges/passkey-challenges.ts",
    '.where("browser_digest", "=", digest(browserSecret ?? ""))',
    "",
    inBrowser,
  ],
  [
    "src/auth/challenges/passkey-challenges.ts",
    '    .where("purpose", "=", "passkey-login")\n    .where("expires_at", ">", sql<Date>`now()`)\n',
    '    .where("expires_at", ">", sql<Date>`now()`)\n',
    "login: refuses the pending token of a second step, and a second step refuses this one",
  ],
  [
    "src/auth/challenges/passkey-challenges.ts",
    '    .where("purpose", "=", "passkey-login")\n    .where("expires_at", ">", sql<Date>`now()`)\n',
    '    .where("purpose", "=", "passkey-login")\n',
    "login: is over after five minutes",
  ],
  [
    "src/auth/challenges/passkey-challenges.ts",
    '    .where("purpose", "=", purpose)\n    .where("expires_at", ">", sql<Date>`now()`)\n',
    '    .where("purpose", "=", purpose)\n',
    "enrolment: is too late after five minutes",
  ],
  [
    "src/auth/challenges/passkey-challenges.ts",
    '    .where("user_id", "=", userId)\n    .where("purpose", "=", purpose)\n',
    '    .where("user_id", "=", userId)\n',
    "enrolment: refuses the challenge of a new passkey",
  ],
  [
    "src/auth/challenges/passkey-challenges.ts",
    '    .where("session_id", "=", sessionId)\n    .where("user_id", "=", userId)\n',
    '    .where("user_id", "=", userId)\n',
    addUsed,
  ],
  [
    "src/auth/challenges/passkey-challenges.ts",
    ".set({ passkey_challenge: null })",
    ".set({ passkey_challenge: passkeyChallenge })",
    stepUsed,
  ],
  [
    "src/auth/challenges/passkey-challenges.ts",
    '    .where("created_at", ">", ago(ceremonyLifetime))\n',
    "",
    stepUsed,
  ],
  // Adding and removing.
  [
    "src/auth/flows/passkeys/enrolment.ts",
    "if (existing.some((other) => !other.userHandle.equals(userHandle))) throw invalidCredentials();",
    "",
    "enrolment: gives one handle to two sessions that add the first at once: the second begins again",
  ],
  [
    "src/auth/flows/passkeys/enrolment.ts",
    "    const problem = await requireEnrollableAccount(transaction, services, viewer);\n    if (problem !== null) return refused(problem);\n    const existing = await listCredentials(transaction, userId);",
    "    const existing = await listCredentials(transaction, userId);",
    "enrolment: needs a recent login, by the second factor if there is one, and a verified email",
  ],
  [
    "src/auth/flows/passkeys/enrolment.ts",
    "    const existing = await listCredentials(transaction, viewer.userId);\n    if (existing.length >= maxPasskeys) return refused(tooMany);",
    "    const existing = await listCredentials(transaction, viewer.userId);",
    "enrolment: stops at twenty",
  ],
  [
    "src/auth/flows/passkeys/changes.ts",
    "    await requireOwnAccount(transaction, services, viewer);\n",
    "",
    "enrolment: needs a recent login with the second factor",
  ],
  [
    "src/auth/flows/passkeys/changes.ts",
    "return refused(lastWayIn);",
    "void refused(lastWayIn);",
    "enrolment: refuses the last way into an account without a password",
  ],
  [
    "src/auth/flows/passkeys/changes.ts",
    "if (!user?.hasSecondFactor) await removeRecoveryCodes(transaction, userId);",
    "",
    "enrolment: ends the recovery codes with the last second factor, and not before",
  ],
  // Switched off.
  [
    "src/auth/passkeys/relying-party.ts",
    'if (relyingParty === null) throw switchedOff("Login with passkeys");',
    'if (relyingParty === null) return { rpId: "localhost", origins: [], name: "" };',
    "switched-off: every operation of passkeys is forbidden, and the list stays",
  ],
  [
    "src/auth/passkeys/offer.ts",
    'relyingParty !== null || method !== "PASSKEY"',
    "relyingParty !== undefined",
    "switched-off: a passkey still asks for a second step, and a recovery code completes it",
  ],
  [
    "src/auth/factors/enrolled.ts",
    "relyingParty !== null || method !== ProofMethod.PASSKEY",
    "relyingParty !== undefined || method !== ProofMethod.PASSKEY",
    "switched-off: no refusal of a sensitive act names them",
  ],
  [
    "src/schema/build.ts",
    "arePasskeysOn: passkeys !== null,",
    "arePasskeysOn: passkeys !== undefined,",
    "switched-off: no refusal of a sensitive act names them",
  ],
];
