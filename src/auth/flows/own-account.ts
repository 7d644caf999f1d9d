// Proves the viewer's password, or locks the viewer's row for a sensitive change.
import type { Database } from "../../database/tables.ts";
import { invalidCredentials, reauthenticationRequired } from "../../errors.ts";
import type { Context } from "../context.ts";
import type { Offered } from "../factors/enrolled.ts";
import { requireRecentLogin } from "../sessions/recent-login.ts";
import { lockUser } from "../users/locks.ts";
import type { Viewer } from "../viewer/viewer.ts";

/**
 * Spends an attempt, as a login does, because an intruder at an open browser could guess here; but not from the budget of the
 * user's logins. No password is a wrong one. Throws INVALID_CREDENTIALS or RATE_LIMITED. Returns the generation of the checked
 * credentials.
 */
export async function proveOwnPassword(
  { services, client }: Context,
  { userId, password }: { readonly userId: string; readonly password: string | null },
): Promise<number> {
  const attempt = await services.attempts.spend({ subject: { userId }, userId, browser: null, client });
  const account = await services.database
    .selectFrom("users")
    .select(["password_hash as passwordHash", "device_generation as generation"])
    .where("id", "=", userId)
    .where("is_active", "=", true)
    .executeTakeFirst();
  // Against no hash, whatever the user has: an imported hash may be of an empty text.
  const hash = password === null ? null : (account?.passwordHash ?? null);
  const isRight = await attempt.verify(hash, password ?? "");
  if (account === undefined || !isRight) {
    const reason = account === undefined ? "NOT_ALLOWED" : "WRONG_PASSWORD";
    attempt.recordFailure({ userId, reason });
    throw invalidCredentials();
  }
  return account.generation;
}

/**
 * Throws REAUTHENTICATION_REQUIRED. Checks for a recent login after taking the lock: a request that waited while the user took
 * the account back, and so lost its session, must not act on it.
 */
export async function requireOwnAccount(transaction: Database, offered: Offered, viewer: Viewer) {
  const account = await lockUser(transaction, viewer.userId);
  await requireRecentLogin(transaction, offered, viewer);
  // Deactivated just now: its sessions are about to end.
  if (account === undefined) throw reauthenticationRequired();
  return account;
}
