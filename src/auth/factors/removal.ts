// Removes all factors of a user at once.
import type { Database } from "../../database/tables.ts";

/** Pending ones too. */
export async function removeAllFactors(transaction: Database, userId: string): Promise<void> {
  await transaction.deleteFrom("totp_factors").where("user_id", "=", userId).execute();
  await transaction.deleteFrom("passkeys").where("user_id", "=", userId).execute();
  await transaction.deleteFrom("recovery_codes").where("user_id", "=", userId).execute();
}
