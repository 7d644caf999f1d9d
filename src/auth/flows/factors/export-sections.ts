// The sections of a data export about second factors: when they were added and used, never a secret or its digest.
import type { Database } from "../../../database/tables.ts";

export const exportSecondFactors = async (database: Database, userId: string) => {
  const totp = await database
    .selectFrom("totp_factors")
    .select(["confirmed_at as confirmedAt", "last_used_at as lastUsedAt", "pending_until as pendingUntil"])
    .where("user_id", "=", userId)
    .executeTakeFirst();
  const recoveryCodes = await database
    .selectFrom("recovery_codes")
    .select("created_at as createdAt")
    .where("user_id", "=", userId)
    .execute();
  return {
    totp: totp ?? null,
    recoveryCodes: { left: recoveryCodes.length, createdAt: recoveryCodes[0]?.createdAt ?? null },
  };
};

/** Without key material. The credential's id is how a password manager names the passkey. */
export const exportPasskeys = async (database: Database, userId: string) => {
  const passkeys = await database
    .selectFrom("passkeys")
    .select(["id", "credential_id as credentialId", "name", "counter", "transports"])
    .select([
      "backup_eligible as backupEligible",
      "backed_up as backedUp",
      "created_at as createdAt",
      "last_used_at as lastUsedAt",
    ])
    .where("user_id", "=", userId)
    .orderBy("created_at", "desc")
    .execute();
  return passkeys.map(({ credentialId, ...rest }) => ({
    ...rest,
    credentialId: credentialId.toString("base64url"),
  }));
};

/** Includes those that a change of the password or of a factor has ended, until they are pruned. */
export const exportTrustedBrowsers = (database: Database, userId: string) =>
  database
    .selectFrom("trusted_browsers")
    .select(["id", "user_agent as userAgent", "ip_address as ipAddress", "created_at as createdAt"])
    .select(["last_used_at as lastUsedAt", "expires_at as expiresAt"])
    .where("user_id", "=", userId)
    .orderBy("created_at", "desc")
    .execute();

/** Logins and other proofs that wait. */
export const exportPendingProofs = (database: Database, userId: string) =>
  database
    .selectFrom("proof_challenges")
    .select(["id", "purpose", "first_proof as firstProof", "session_id as sessionId", "sent_to as sentTo"])
    .select(["wants_cookie as wantsCookie", "wants_token as wantsToken", "tries"])
    .select(["created_at as createdAt", "expires_at as expiresAt"])
    .where("user_id", "=", userId)
    .orderBy("created_at", "desc")
    .execute();
