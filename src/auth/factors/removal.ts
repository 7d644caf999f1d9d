// Removes all factors of a user at once.
import type { Database } from "../../database/tables.ts";

/**
 * For an account that was stolen: the thief's factors must not lock the owner out, and those that the owner has had for longer go
 * on. Returns whether there were any.
 */
export async function removeFactorsAddedSince(
  transaction: Database,
  userId: string,
  since: Date,
): Promise<boolean> {
  const totp = await transaction
    .deleteFrom("totp_factors")
    .where("user_id", "=", userId)
    .where((row) => row.or([row("confirmed_at", ">", since), row("confirmed_at", "is", null)]))
    .executeTakeFirst();
  const passkeys = await transaction
    .deleteFrom("passkeys")
    .where("user_id", "=", userId)
    .where("created_at", ">", since)
    .executeTakeFirst();
  const codes = await transaction
    .deleteFrom("recovery_codes")
    .where("user_id", "=", userId)
    .where("created_at", ">", since)
    .executeTakeFirst();
  return totp.numDeletedRows + passkeys.numDeletedRows + codes.numDeletedRows > 0n;
}

/** Pending ones too. */
export async function removeAllFactors(transaction: Database, userId: string): Promise<void> {
  await transaction.deleteFrom("totp_factors").where("user_id", "=", userId).execute();
  await transaction.deleteFrom("passkeys").where("user_id", "=", userId).execute();
  await transaction.deleteFrom("recovery_codes").where("user_id", "=", userId).execute();
}

/** Those that wait for their first code. Confirmed ones stay: they needed a proven email. */
export async function removePendingFactors(transaction: Database, userId: string): Promise<void> {
  await transaction
    .updateTable("totp_factors")
    .set({ pending_sealed_secret: null, pending_until: null })
    .where("user_id", "=", userId)
    .execute();
  await transaction
    .deleteFrom("totp_factors")
    .where("user_id", "=", userId)
    .where("confirmed_at", "is", null)
    .execute();
}
