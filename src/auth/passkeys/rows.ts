// The rows of passkeys. Knows no HTTP and no WebAuthn.
import { sql } from "kysely";
import { validate as isUuid, v7 as uuidv7 } from "uuid";
import { ownTable } from "../../database/own-schema.ts";
import type { Database } from "../../database/tables.ts";
import type { NewCredential } from "./verification.ts";

/** Newest first; all of the user's, or those among `ids`. */
export const listPasskeys = (database: Database, userId: string, ids: readonly string[] | "all" = "all") =>
  database
    .selectFrom("passkeys")
    .select(["id", "name", "backed_up as backedUp", "created_at as createdAt", "last_used_at as lastUsedAt"])
    .where("user_id", "=", userId)
    .$if(ids !== "all", (passkeys) => passkeys.where("id", "=", sql<string>`any(${[...ids]}::uuid[])`))
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .execute();

/** The ids of the user's passkeys among these. */
export const selectPasskeyIds = (userId: string, ids: readonly string[]) =>
  sql<{
    id: string;
  }>`select id from ${ownTable("passkeys")} where user_id = ${userId}::uuid and id = any(${[...ids]}::uuid[])`;

/** Newest first, with what authenticators know of them. */
export const listCredentials = (database: Database, userId: string) =>
  database
    .selectFrom("passkeys")
    .select(["id", "credential_id as credentialId", "user_handle as userHandle", "transports"])
    .where("user_id", "=", userId)
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .execute();

/** Null when there is a passkey with this credential id already, of this user or another. */
export async function insertPasskey(
  transaction: Database,
  {
    userId,
    userHandle,
    name,
    ...credential
  }: NewCredential & { readonly userId: string; readonly userHandle: Buffer; readonly name: string },
): Promise<string | null> {
  const inserted = await transaction
    .insertInto("passkeys")
    .values({
      id: uuidv7(),
      user_id: userId,
      user_handle: userHandle,
      name,
      credential_id: credential.credentialId,
      public_key: credential.publicKey,
      counter: credential.counter,
      transports: [...credential.transports],
      backup_eligible: credential.backupEligible,
      backed_up: credential.backedUp,
    })
    .onConflict((conflict) => conflict.column("credential_id").doNothing())
    .returning("id")
    .executeTakeFirst();
  return inserted?.id ?? null;
}

/** False when the user has no such passkey. */
export async function renamePasskey(
  database: Database,
  { id, userId, name }: { readonly id: string; readonly userId: string; readonly name: string },
): Promise<boolean> {
  if (!isUuid(id)) return false;
  const { numUpdatedRows } = await database
    .updateTable("passkeys")
    .set({ name })
    .where("id", "=", id)
    .where("user_id", "=", userId)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

export async function deletePasskey(transaction: Database, id: string): Promise<void> {
  await transaction.deleteFrom("passkeys").where("id", "=", id).execute();
}

/** `userId`: only of this user. */
export const findCredential = (
  database: Database,
  { credentialId, userId }: { readonly credentialId: Buffer; readonly userId: string | null },
) =>
  database
    .selectFrom("passkeys")
    .innerJoin("users", "users.id", "passkeys.user_id")
    .select([
      "passkeys.id",
      "passkeys.user_id as userId",
      "passkeys.public_key as publicKey",
      "passkeys.user_handle as userHandle",
      "passkeys.backup_eligible as backupEligible",
      "users.device_generation as generation",
    ])
    .where("passkeys.credential_id", "=", credentialId)
    .$if(userId !== null, (query) => query.where("passkeys.user_id", "=", userId))
    .executeTakeFirst();

export interface Use {
  readonly id: string;
  readonly counter: number;
  readonly backedUp: boolean;
}

/** One statement, so that two uses with one counter are not both new. False, and changes nothing, when the counter has not risen. */
export async function recordUse(database: Database, { id, counter, backedUp }: Use): Promise<boolean> {
  const { numUpdatedRows } = await database
    .updateTable("passkeys")
    .set({ counter, backed_up: backedUp, last_used_at: sql<Date>`now()` })
    .where("id", "=", id)
    // Both 0: an authenticator without a counter.
    .where((row) =>
      row.or([row("counter", "<", counter), row.and([row("counter", "=", 0), row.lit(counter === 0)])]),
    )
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/**
 * A counter that has not risen: only for a passkey that its provider keeps copies of, whose devices count apart. What is asked is
 * the stored state: a copy of the key could sign any other. Null when the passkey is gone.
 */
export async function recordUseInSpiteOfCounter(
  transaction: Database,
  { id, counter, backedUp }: Use,
): Promise<{ readonly name: string; readonly isAccepted: boolean } | null> {
  const stored = await transaction
    .selectFrom("passkeys")
    .select(["name", "backed_up as isAccepted"])
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirst();
  if (stored?.isAccepted)
    await transaction
      .updateTable("passkeys")
      .set({ counter, backed_up: backedUp, last_used_at: sql<Date>`now()` })
      .where("id", "=", id)
      .execute();
  return stored ?? null;
}
