// The codes that apps get for a login with a provider. Taking one uses it up, whatever comes with it.
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import { fromNow } from "../../database/durations.ts";
import type { Database } from "../../database/tables.ts";
import { digest, isWellFormedProviderCode, makeToken } from "../secrets/secret.ts";
import { challengeLifetimes } from "./rows.ts";

export interface ProviderCode {
  readonly userId: string;
  readonly generation: number;
  readonly proven: "PROVIDER" | "SECOND_FACTOR";
  /** The digest of the verifier that the app keeps. */
  readonly verifierDigest: Buffer;
  /** The digest of the cookie in the browser that has been at the provider. */
  readonly browserDigest: Buffer;
}

/** Returns null when the user was deactivated, or has another generation of credentials by now. */
export async function insertProviderCode(
  database: Database,
  { userId, generation, proven, verifierDigest, browserDigest }: ProviderCode,
): Promise<string | null> {
  const code = makeToken("gwc_");
  const { numInsertedOrUpdatedRows: count } = await database
    .insertInto("proof_challenges")
    .columns([
      "id",
      "purpose",
      "digest",
      "browser_digest",
      "code_digest",
      "user_id",
      "generation",
      "first_proof",
      "expires_at",
    ])
    .expression((rows) =>
      rows
        .selectFrom("users")
        .select([
          sql<string>`${uuidv7()}::uuid`.as("id"),
          sql<string>`'provider-code'`.as("purpose"),
          sql<Buffer>`${digest(code)}::bytea`.as("digest"),
          sql<Buffer>`${browserDigest}::bytea`.as("browser_digest"),
          sql<Buffer>`${verifierDigest}::bytea`.as("code_digest"),
          "users.id as user_id",
          "users.device_generation as generation",
          sql<string>`${proven}::text`.as("first_proof"),
          fromNow(challengeLifetimes["provider-code"]).as("expires_at"),
        ])
        .where("users.id", "=", userId)
        .where("users.device_generation", "=", generation)
        .where("users.is_active", "=", true),
    )
    .executeTakeFirstOrThrow();
  return count === 1n ? code : null;
}

/** Returns null for a code that is malformed, unknown, expired or used. Of two requests with one code, one gets it. */
export async function takeProviderCode(database: Database, code: string): Promise<ProviderCode | null> {
  if (!isWellFormedProviderCode(code)) return null;
  const taken = await database
    .deleteFrom("proof_challenges")
    .where("digest", "=", digest(code))
    .where("purpose", "=", "provider-code")
    .returning(["user_id as userId", "generation", "first_proof as firstProof"])
    .returning(["code_digest as verifierDigest", "browser_digest as browserDigest"])
    .returning(sql<boolean>`expires_at > now()`.as("isCurrent"))
    .executeTakeFirst();
  if (taken === undefined || !taken.isCurrent) return null;
  const { userId, generation, firstProof, verifierDigest, browserDigest } = taken;
  if (userId === null || generation === null || verifierDigest === null || browserDigest === null)
    return null;
  const proven = firstProof === "SECOND_FACTOR" ? "SECOND_FACTOR" : "PROVIDER";
  return { userId, generation, proven, verifierDigest, browserDigest };
}
