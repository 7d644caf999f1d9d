// The rows of proofs that were asked for: insert, try, end, expire. Knows no HTTP.
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import { fromNow } from "../../database/durations.ts";
import type { Database } from "../../database/tables.ts";
import { minutes } from "../../time.ts";
import { type ProofMethod, secondStepMethods } from "../factors/enrolled.ts";
import { ceremonyLifetime } from "../passkeys/options.ts";
import { digest, isWellFormedPendingToken } from "../secrets/secret.ts";
import { hasSecondFactor } from "../viewer/second-factor.ts";

/** How long a proof may take. */
export const challengeLifetimes = {
  /** A login whose first proof was right. */
  "second-step": minutes(10),
  "passkey-login": ceremonyLifetime,
  "mailed-code": minutes(10),
  /** An app sends it as soon as it has it. */
  "provider-code": minutes(1),
  /** For a session. */
  "add-passkey": ceremonyLifetime,
  /** For a session. */
  reauthentication: ceremonyLifetime,
} as const;

export type ChallengePurpose = keyof typeof challengeLifetimes;

/** Wrong proofs of one challenge. */
export const maxTries = 5;

/** What was proven before the second step. */
export type FirstProof = "PASSWORD" | "EMAIL_CODE" | "PROVIDER";

export interface WantedCredentials {
  readonly wantsCookie: boolean;
  readonly wantsToken: boolean;
}

export interface NewSecondStep extends WantedCredentials {
  readonly userId: string;
  /** The generation of the credentials that the first proof was checked against. */
  readonly generation: number;
  readonly firstProof: FirstProof;
  readonly pendingToken: string;
  /** Null: no cookie binds it, because an app holds the token. */
  readonly browserSecret: string | null;
  readonly passkeyChallenge: Buffer;
}

/** Returns null when the user has no second factor, was deactivated, or has another generation of credentials by now. */
export async function insertSecondStep(
  database: Database,
  step: NewSecondStep,
): Promise<{ readonly methods: readonly ProofMethod[]; readonly expiresAt: Date } | null> {
  const { userId, generation, firstProof, pendingToken, browserSecret, passkeyChallenge } = step;
  const inserted = await database
    .with("account", (query) =>
      query
        .selectFrom("users")
        .select(["users.id", secondStepMethods.as("methods")])
        .where("users.id", "=", userId)
        .where("users.device_generation", "=", generation)
        .where("users.is_active", "=", true)
        .where(hasSecondFactor),
    )
    .with("challenge", (query) =>
      query
        .insertInto("proof_challenges")
        .columns([
          "id",
          "purpose",
          "digest",
          "browser_digest",
          "user_id",
          "generation",
          "first_proof",
          "wants_cookie",
          "wants_token",
          "passkey_challenge",
          "expires_at",
        ])
        .expression((rows) =>
          rows
            .selectFrom("account")
            .select([
              sql<string>`${uuidv7()}::uuid`.as("id"),
              sql<string>`'second-step'`.as("purpose"),
              sql<Buffer>`${digest(pendingToken)}::bytea`.as("digest"),
              sql<Buffer | null>`${browserSecret && digest(browserSecret)}::bytea`.as("browser_digest"),
              "account.id as user_id",
              sql<number>`${generation}::int`.as("generation"),
              sql<string>`${firstProof}::text`.as("first_proof"),
              sql<boolean>`${step.wantsCookie}::boolean`.as("wants_cookie"),
              sql<boolean>`${step.wantsToken}::boolean`.as("wants_token"),
              sql<Buffer>`${digestOfBytes(passkeyChallenge)}::bytea`.as("passkey_challenge"),
              fromNow(challengeLifetimes["second-step"]).as("expires_at"),
            ]),
        )
        .returning("proof_challenges.expires_at as expiresAt"),
    )
    .selectFrom(["account", "challenge"])
    .select(["account.methods", "challenge.expiresAt"])
    .executeTakeFirst();
  return inserted ?? null;
}

export interface PresentedToken {
  readonly purpose: ChallengePurpose;
  readonly pendingToken: string;
  /** The secret of the request's cookie. */
  readonly browserSecret: string | null;
  /** For an app, which holds the token itself and gets no cookie. */
  readonly isOfAnyBrowser?: boolean;
}

/**
 * Counts a try before its proof is checked, so that parallel tries are no more than others. Returns null for a token that is
 * malformed, unknown, expired, used up, or of another browser.
 */
export async function tryChallenge(
  database: Database,
  { purpose, pendingToken, browserSecret, isOfAnyBrowser = false }: PresentedToken,
) {
  if (!isWellFormedPendingToken(pendingToken)) return null;
  const challenge = await database
    .updateTable("proof_challenges")
    .set(({ eb }) => ({ tries: eb("tries", "+", 1) }))
    .where("digest", "=", digest(pendingToken))
    .where("purpose", "=", purpose)
    .where("expires_at", ">", sql<Date>`now()`)
    .where("tries", "<", maxTries)
    // A token that was stolen from the page is of no use in another browser.
    .where((row) =>
      row.or([
        row("browser_digest", "is", null),
        // Not for a challenge that a browser asked for.
        row.and([sql<boolean>`${isOfAnyBrowser}::boolean`, row("wants_cookie", "=", false)]),
        ...(browserSecret === null ? [] : [row("browser_digest", "=", digest(browserSecret))]),
      ]),
    )
    .returning(challengeColumns)
    .executeTakeFirst();
  return challenge ?? null;
}

export const challengeColumns = [
  "id",
  "user_id as userId",
  "generation",
  "first_proof as firstProof",
  "wants_cookie as wantsCookie",
  "wants_token as wantsToken",
  "passkey_challenge as passkeyChallenge",
  "code_digest as codeDigest",
  "sent_to as sentTo",
  "created_at as createdAt",
] as const;

export type Challenge = NonNullable<Awaited<ReturnType<typeof tryChallenge>>>;

/** Only one of two requests that used it gets true. */
export async function endChallenge(database: Database, id: string): Promise<boolean> {
  const { numDeletedRows } = await database
    .deleteFrom("proof_challenges")
    .where("id", "=", id)
    .executeTakeFirst();
  return numDeletedRows === 1n;
}

/**
 * Logins that wait for a second step, mailed codes, and what the user's sessions were asked for. A mailed code names no user, only
 * the email that it was sent to.
 */
export async function endChallengesOf(database: Database, userId: string): Promise<void> {
  await database
    .deleteFrom("proof_challenges")
    .where(({ or, eb, selectFrom }) =>
      or([
        eb("user_id", "=", userId),
        eb("sent_to", "=", selectFrom("users").select("canonical_email").where("id", "=", userId)),
      ]),
    )
    .execute();
}

/** Those of every user. Returns how many. */
export async function endAllChallenges(database: Database): Promise<number> {
  return Number((await database.deleteFrom("proof_challenges").executeTakeFirst()).numDeletedRows);
}

export async function endChallengesOfBrowser(database: Database, browserSecret: string): Promise<void> {
  await database.deleteFrom("proof_challenges").where("browser_digest", "=", digest(browserSecret)).execute();
}

/** Returns how many. */
export async function pruneChallenges(database: Database): Promise<number> {
  const { numDeletedRows } = await database
    .deleteFrom("proof_challenges")
    .where("expires_at", "<=", sql<Date>`now()`)
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** The stored form of the bytes that a passkey signs. */
export const digestOfBytes = (bytes: Buffer): Buffer => digest(bytes.toString("base64url"));
