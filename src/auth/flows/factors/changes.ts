// What every change of a user's second factors needs: a fresh login, a proven email, and a record and mail for the owner.
import type { Database } from "../../../database/tables.ts";
import { AuditEventType } from "../../../entities/audit-event-type.ts";
import { type BrokenRule, brokenRule } from "../../../errors.ts";
import { originOf, recordEvent } from "../../audit/record.ts";
import type { Context } from "../../context.ts";
import type { Offered } from "../../factors/enrolled.ts";
import { raiseFactorEpoch } from "../../factors/epoch.ts";
import { enqueueMail } from "../../outgoing-mail.ts";
import type { PersonalViewer } from "../../viewer/viewer.ts";
import { requireOwnAccount } from "../own-account.ts";

/** What changed, as audit events and mails name it. */
export type FactorKind = "TOTP" | "PASSKEY";

/**
 * Throws REAUTHENTICATION_REQUIRED. Returns a broken rule while the email is not proven: a stranger who registered with somebody's
 * email could otherwise lock its owner out for good. A user without an email has none to prove.
 */
export async function requireEnrollableAccount(
  transaction: Database,
  offered: Offered,
  viewer: PersonalViewer,
): Promise<BrokenRule | null> {
  const account = await requireOwnAccount(transaction, offered, viewer);
  const hasUnproven = (account.email ?? account.pendingEmail) !== null && account.emailVerifiedAt === null;
  return hasUnproven ? brokenRule("email", "email_unverified", "Please verify your email first.") : null;
}

/** Call it in the transaction that adds or removes the factor. */
export async function recordFactorChange(
  transaction: Database,
  context: Context,
  {
    viewer,
    kind,
    change,
  }: {
    readonly viewer: PersonalViewer;
    readonly kind: FactorKind;
    readonly change: "added" | "removed";
  },
): Promise<void> {
  const { userId } = viewer;
  await raiseFactorEpoch(transaction, userId);
  const isAdded = change === "added";
  const type = isAdded ? AuditEventType.SECOND_FACTOR_ADDED : AuditEventType.SECOND_FACTOR_REMOVED;
  const details = { factor: kind };
  await recordEvent(transaction, { ...originOf(context, viewer), type, userId, details });
  await enqueueMail(transaction, {
    template: isAdded ? "second-factor-added" : "second-factor-removed",
    userId,
    factor: kind,
  });
}

/** The session has proven the new factor just now: the next sensitive act need not ask for it again. */
export async function markSecondFactorProven(
  transaction: Database,
  { sessionId }: PersonalViewer,
): Promise<void> {
  await transaction
    .updateTable("sessions")
    .set(({ fn }) => ({ second_factor_at: fn("now", []) }))
    .where("id", "=", sessionId)
    .execute();
}
