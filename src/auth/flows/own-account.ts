// The viewer's own account, locked for a change that only its owner may make.
import type { Database } from "../../database/tables.ts";
import { reauthenticationRequired } from "../../errors.ts";
import { requireRecentLogin } from "../sessions/recent-login.ts";
import { lockAccount } from "../users/locks.ts";
import type { Viewer } from "../viewer/viewer.ts";

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
