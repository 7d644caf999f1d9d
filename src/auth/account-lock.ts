// An account that is about to change: one change at a time, by whoever may still make it then.
import type { Database } from "../database/tables.ts";
import { reauthenticationRequired } from "../errors.ts";
import { requireRecentLogin } from "./recent-login.ts";
import type { Viewer } from "./viewer.ts";

/** Undefined when it is gone or deactivated. Take it before the account's links: two orders would be a deadlock. */
export const lockAccount = (transaction: Database, userId: string) =>
  transaction
    .selectFrom("users")
    .select([
      "username",
      "canonical_username as canonicalUsername",
      "email",
      "canonical_email as canonicalEmail",
      "pending_email as pendingEmail",
      "email_verified_at as emailVerifiedAt",
    ])
    .where("id", "=", userId)
    .where("is_active", "=", true)
    .forUpdate()
    .executeTakeFirst();

/**
 * Throws REAUTHENTICATION_REQUIRED. The login is asked for after the lock: a request that waited while the owner took the account
 * back, and so ended its session, must not act on it any more.
 */
export const requireOwnAccount = async (transaction: Database, viewer: Viewer) => {
  const account = await lockAccount(transaction, viewer.userId);
  await requireRecentLogin(transaction, viewer);
  // Deactivated at this moment: its sessions are about to end.
  if (account === undefined) throw reauthenticationRequired();
  return account;
};
