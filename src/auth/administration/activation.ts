// Ends a user's sessions, deactivates and reactivates a user.
import type { Database } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { recordEvent } from "../audit/record.ts";
import { endCredentials } from "../endings.ts";
import { requireAnotherAdministrator } from "../users/last-administrator.ts";
import type { Act, ManagedUser } from "./administer.ts";

/** The user may log in again at once. */
export const revokeSessions: Act = async (transaction, account, origin) => {
  await endCredentials(transaction, "sessionsRevoked", { userId: account.id }, origin);
  return [];
};

/** Throws FORBIDDEN for the last active administrator. */
export const deactivate: Act = async (transaction, account, origin) => {
  if (!account.isActive) return [];
  await requireAnotherAdministrator(transaction, account.id);
  await setActive(transaction, account, false);
  await endCredentials(transaction, "deactivated", { userId: account.id }, origin);
  await recordEvent(transaction, {
    ...origin,
    type: AuditEventType.ACCOUNT_DEACTIVATED,
    userId: account.id,
  });
  return [];
};

/** Restores no credentials. A link issued during the deactivation would become valid again, so links end here too. */
export const reactivate: Act = async (transaction, account, origin) => {
  if (account.isActive) return [];
  await setActive(transaction, account, true);
  await endCredentials(transaction, "deactivated", { userId: account.id }, origin);
  await recordEvent(transaction, {
    ...origin,
    type: AuditEventType.ACCOUNT_REACTIVATED,
    userId: account.id,
  });
  return [];
};

const setActive = async (transaction: Database, { id }: ManagedUser, isActive: boolean) => {
  await transaction.updateTable("users").set({ is_active: isActive }).where("id", "=", id).execute();
};
