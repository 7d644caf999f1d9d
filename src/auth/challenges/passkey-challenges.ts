// The challenges that passkeys sign, each for one purpose. Taking one uses it up, whatever it proves.
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import { ago, fromNow } from "../../database/durations.ts";
import type { Database } from "../../database/tables.ts";
import { ceremonyLifetime } from "../passkeys/options.ts";
import { digest, isWellFormedPendingToken } from "../secrets/secret.ts";
import type { PersonalViewer } from "../viewer/viewer.ts";
import { type Challenge, challengeLifetimes, digestOfBytes } from "./rows.ts";

/** For a login without a name: whose it will be, only the passkey says. Returns when it expires. */
export async function insertPasskeyLogin(
  database: Database,
  {
    pendingToken,
    browserSecret,
    challenge,
  }: { readonly pendingToken: string; readonly browserSecret: string; readonly challenge: Buffer },
): Promise<Date> {
  const { expiresAt } = await database
    .insertInto("proof_challenges")
    .values({
      id: uuidv7(),
      purpose: "passkey-login",
      digest: digest(pendingToken),
      browser_digest: digest(browserSecret),
      passkey_challenge: digestOfBytes(challenge),
      expires_at: fromNow(challengeLifetimes["passkey-login"]),
    })
    .returning("expires_at as expiresAt")
    .executeTakeFirstOrThrow();
  return expiresAt;
}

/** Returns the digest of the challenge. Of two requests with one token, one gets it. */
export async function takePasskeyLogin(
  database: Database,
  {
    pendingToken,
    browserSecret,
    wantsCookie,
  }: { readonly pendingToken: string; readonly browserSecret: string | null; readonly wantsCookie: boolean },
): Promise<Buffer | null> {
  if (!isWellFormedPendingToken(pendingToken)) return null;
  const taken = await database
    .deleteFrom("proof_challenges")
    .where("digest", "=", digest(pendingToken))
    .where("purpose", "=", "passkey-login")
    .where("expires_at", ">", sql<Date>`now()`)
    // Login CSRF: a page must not log its visitor in as the attacker, with a login that the attacker began elsewhere.
    .$if(wantsCookie, (challenge) => challenge.where("browser_digest", "=", digest(browserSecret ?? "")))
    .returning("passkey_challenge as challenge")
    .executeTakeFirst();
  return taken?.challenge ?? null;
}

type OfSession = Pick<PersonalViewer, "userId" | "sessionId">;
type SessionPurpose = "add-passkey" | "reauthentication";

/** A session has one of each purpose: the newest. `userHandle`: what a new passkey is to hold. */
export async function replaceSessionChallenge(
  database: Database,
  {
    purpose,
    viewer: { userId, sessionId },
    challenge,
    userHandle = null,
  }: {
    readonly purpose: SessionPurpose;
    readonly viewer: OfSession;
    readonly challenge: Buffer;
    readonly userHandle?: Buffer | null;
  },
): Promise<void> {
  await database
    .deleteFrom("proof_challenges")
    .where("session_id", "=", sessionId)
    .where("purpose", "=", purpose)
    .execute();
  await database
    .insertInto("proof_challenges")
    .values({
      id: uuidv7(),
      purpose,
      user_id: userId,
      session_id: sessionId,
      passkey_challenge: digestOfBytes(challenge),
      user_handle: userHandle,
      expires_at: fromNow(challengeLifetimes[purpose]),
    })
    .execute();
}

/** Only one of two requests of a session gets it. */
export async function takeSessionChallenge(
  database: Database,
  {
    purpose,
    viewer: { userId, sessionId },
  }: { readonly purpose: SessionPurpose; readonly viewer: OfSession },
): Promise<{ readonly challenge: Buffer; readonly userHandle: Buffer | null } | null> {
  const taken = await database
    .deleteFrom("proof_challenges")
    .where("session_id", "=", sessionId)
    .where("user_id", "=", userId)
    .where("purpose", "=", purpose)
    .where("expires_at", ">", sql<Date>`now()`)
    .returning(["passkey_challenge as challenge", "user_handle as userHandle"])
    .executeTakeFirst();
  const { challenge = null, userHandle = null } = taken ?? {};
  return challenge && { challenge, userHandle };
}

/** The login goes on waiting, for a code; its passkey challenge has been used. */
export async function takeSecondStepChallenge(
  database: Database,
  { id, passkeyChallenge }: Pick<Challenge, "id" | "passkeyChallenge">,
): Promise<Buffer | null> {
  if (passkeyChallenge === null) return null;
  const { numUpdatedRows } = await database
    .updateTable("proof_challenges")
    .set({ passkey_challenge: null })
    .where("id", "=", id)
    .where("passkey_challenge", "=", passkeyChallenge)
    .where("created_at", ">", ago(ceremonyLifetime))
    .executeTakeFirst();
  return numUpdatedRows === 1n ? passkeyChallenge : null;
}
