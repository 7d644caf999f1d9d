// Deleting an account: all that is personal goes in one transaction, or none of it.
import type { Database } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { revokeAccessTokensOfUser } from "../access-tokens/ends.ts";
import { type Origin, recordEvent } from "../audit/record.ts";
import { forgetPersonOf } from "../audit/trail/erasure.ts";
import type { Context } from "../context.ts";
import { cancelMailOf, enqueueMail } from "../outgoing-mail.ts";
import { endSessionsOfUser } from "../sessions/ends.ts";
import { requireAnotherAdministrator } from "../users/last-administrator.ts";
import { reserveUsername } from "../users/reserved-usernames.ts";
import type { Viewer } from "../viewer/viewer.ts";
import { requireOwnAccount } from "./own-account.ts";

/** Throws REAUTHENTICATION_REQUIRED, or FORBIDDEN for the last active administrator. */
export const deleteAccount = async (context: Context, viewer: Viewer): Promise<void> => {
  const { userId } = viewer;
  const origin = { actorId: userId, client: context.client };
  await context.database.transaction().execute(async (transaction) => {
    const account = await requireOwnAccount(transaction, viewer);
    await requireAnotherAdministrator(transaction, userId);
    await deleteAccountOf(transaction, { ...account, userId }, origin);
  });
  context.viewers.forget(userId);
  context.cookies.clear(context.exchange);
};

interface LeavingAccount {
  readonly userId: string;
  readonly username: string;
  readonly canonicalUsername: string;
  readonly email: string | null;
  readonly canonicalEmail: string | null;
  readonly emailVerifiedAt: Date | null;
}

const deleteAccountOf = async (
  transaction: Database,
  { userId, username, canonicalUsername, email, canonicalEmail, emailVerifiedAt }: LeavingAccount,
  origin: Origin,
): Promise<void> => {
  // By hand and not by the foreign key alone: a logout at this moment is waited for, and its event then found and forgotten.
  const because = { ...origin, details: { reason: "ACCOUNT_DELETED" } };
  await revokeAccessTokensOfUser(transaction, userId, because);
  await endSessionsOfUser(transaction, userId, because);
  await transaction.deleteFrom("users").where("id", "=", userId).execute();
  await recordEvent(transaction, { ...origin, type: AuditEventType.ACCOUNT_DELETED, userId });

  // Whoever takes the name of somebody who has left is taken for them.
  await reserveUsername(transaction, { username: canonicalUsername, userId: null });
  await cancelMailOf(transaction, { userId, address: canonicalEmail });
  // What nobody has proven may be a stranger's address: as with every notice, see mail/compose.ts.
  if (email !== null && emailVerifiedAt !== null)
    await enqueueMail(transaction, { template: "account-deleted", username, address: email });
  await forgetPersonOf(transaction, userId);
};
