// Logging an account out, locking it out, and letting it in again.
import type { Database } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { recordEvent } from "../audit/record.ts";
import { endCredentials } from "../endings.ts";
import { requireAnotherAdministrator } from "../users/last-administrator.ts";
import type { Act, ManagedUser } from "./administer.ts";

/** It may log in again at once. */
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

/** Brings nothing back. A link that was being issued while the account was deactivated would be there again: it ends too. */
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
