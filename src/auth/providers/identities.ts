// The rows of identities: who may log in with which account of which provider.
import { sql } from "kysely";
import { validate as isUuid, v7 as uuidv7 } from "uuid";
import { ownTable } from "../../database/own-schema.ts";
import type { Database } from "../../database/tables.ts";
import { lockName } from "../users/locks.ts";

/** The key of an identity. Never an email or a name: a provider may give both to another person. */
export interface IdentityKey {
  readonly issuer: string;
  readonly subject: string;
}

/** The result holds until the transaction ends. */
export async function lockIdentity(transaction: Database, { issuer, subject }: IdentityKey) {
  await lockName(transaction, "identity", JSON.stringify([issuer, subject]));
  const found = await transaction
    .selectFrom("identities")
    .innerJoin("users", "users.id", "identities.user_id")
    .select(["identities.id", "identities.user_id as userId"])
    .select(["users.device_generation as generation", "users.is_active as isActive"])
    .where("identities.issuer", "=", issuer)
    .where("identities.subject", "=", subject)
    .executeTakeFirst();
  return found ?? null;
}

/** Call it after `lockIdentity`. `isUsed`: with the login that links it. */
export async function insertIdentity(
  transaction: Database,
  {
    userId,
    provider,
    issuer,
    subject,
    email,
    isUsed,
  }: IdentityKey & {
    readonly userId: string;
    readonly provider: string;
    readonly email: string | null;
    readonly isUsed: boolean;
  },
): Promise<string> {
  const id = uuidv7();
  await transaction
    .insertInto("identities")
    .values({
      id,
      user_id: userId,
      provider,
      issuer,
      subject,
      email,
      last_used_at: isUsed ? sql<Date>`now()` : null,
    })
    .execute();
  return id;
}

export async function touchIdentity(
  transaction: Database,
  { id, provider, email }: { readonly id: string; readonly provider: string; readonly email: string | null },
): Promise<void> {
  await transaction
    .updateTable("identities")
    .set({ provider, email, last_used_at: sql<Date>`now()` })
    .where("id", "=", id)
    .execute();
}

/** Newest first; all, or those among `ids`. */
export const listIdentities = (database: Database, userId: string, ids: readonly string[] | "all" = "all") =>
  database
    .selectFrom("identities")
    .select(["id", "provider", "email", "linked_at as linkedAt", "last_used_at as lastUsedAt"])
    .where("user_id", "=", userId)
    .$if(ids !== "all", (identities) => identities.where("id", "=", sql<string>`any(${[...ids]}::uuid[])`))
    .orderBy("linked_at", "desc")
    .orderBy("id", "desc")
    .execute();

/** The ids of the user's identities among these. */
export const selectIdentityIds = (userId: string, ids: readonly string[]) =>
  sql<{
    id: string;
  }>`select id from ${ownTable("identities")} where user_id = ${userId}::uuid and id = any(${[...ids]}::uuid[])`;

/** Returns null when the user has no such identity. Checks the id first: PostgreSQL fails on text that is not a UUID. */
export async function deleteIdentity(
  transaction: Database,
  { id, userId }: { readonly id: string; readonly userId: string },
): Promise<{ readonly id: string; readonly provider: string } | null> {
  if (!isUuid(id)) return null;
  const deleted = await transaction
    .deleteFrom("identities")
    .where("id", "=", id)
    .where("user_id", "=", userId)
    .returning(["id", "provider"])
    .executeTakeFirst();
  return deleted ?? null;
}

export async function removeIdentitiesOf(transaction: Database, userId: string): Promise<void> {
  await transaction.deleteFrom("identities").where("user_id", "=", userId).execute();
}

/** For an account that was stolen at this moment: what the thief has linked must not open it. Returns whether there was any. */
export async function removeIdentitiesLinkedSince(
  transaction: Database,
  userId: string,
  since: Date,
): Promise<boolean> {
  const { numDeletedRows } = await transaction
    .deleteFrom("identities")
    .where("user_id", "=", userId)
    .where("linked_at", ">", since)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}
