// The viewer's own account: proven by its password, or locked for a change that only its owner may make.
import type { Database } from "../../database/tables.ts";
import { invalidCredentials, reauthenticationRequired } from "../../errors.ts";
import type { Context } from "../context.ts";
import { requireRecentLogin } from "../sessions/recent-login.ts";
import { lockUser } from "../users/locks.ts";
import type { Viewer } from "../viewer/viewer.ts";

/**
 * Somebody who found an open browser, or a link, guesses here: spent as a login is, but not from the budget of the owner's logins.
 * Throws INVALID_CREDENTIALS or RATE_LIMITED. Returns the generation of the credentials that were right.
 */
export async function proveOwnPassword(
  { services, client }: Context,
  { userId, password }: { readonly userId: string; readonly password: string },
): Promise<number> {
  const attempt = await services.attempts.spend({ subject: { userId }, browser: null, client });
  const account = await services.database
    .selectFrom("users")
    .select(["password_hash as passwordHash", "device_generation as generation"])
    .where("id", "=", userId)
    .where("is_active", "=", true)
    .executeTakeFirst();
  const isRight = await attempt.verify(account?.passwordHash ?? null, password);
  if (account === undefined || !isRight) {
    attempt.recordFailure({ userId, reason: "WRONG_PASSWORD" });
    throw invalidCredentials();
  }
  await attempt.refund();
  return account.generation;
}

/**
 * Throws REAUTHENTICATION_REQUIRED. The login is asked for after the lock: a request that waited while the owner took the account
 * back, and so ended its session, must not act on it any more.
 */
export async function requireOwnAccount(transaction: Database, viewer: Viewer) {
  const account = await lockUser(transaction, viewer.userId);
  await requireRecentLogin(transaction, viewer);
  // Deactivated at this moment: its sessions are about to end.
  if (account === undefined) throw reauthenticationRequired();
  return account;
}
