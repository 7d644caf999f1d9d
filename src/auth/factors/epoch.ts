// What every change of a user's factors does: trusted browsers end, and other servers forget the user.
import type { Database } from "../../database/tables.ts";
import { endTrustedBrowsersOf } from "./trusted-browsers.ts";

/** Call it in the transaction of the change. */
export async function raiseFactorEpoch(transaction: Database, userId: string): Promise<void> {
  await endTrustedBrowsersOf(transaction, userId);
  await transaction
    .updateTable("users")
    .set(({ eb }) => ({ factor_epoch: eb("factor_epoch", "+", 1) }))
    .where("id", "=", userId)
    .execute();
}
