// Deleting an account: all that is personal goes in one transaction, or none of it.
import type { Database } from "../database/tables.ts";
import { AuditEventType } from "../entities/audit-event-type.ts";
import { unauthenticated } from "../errors.ts";
import { revokeAccessTokensOfUser } from "./access-token-ends.ts";
import { type Origin, recordEvent } from "./audit.ts";
import type { Context } from "./context.ts";
import { forgetPersonOf } from "./forget-person.ts";
import { requireAnotherAdministrator } from "./last-administrator.ts";
import { cancelMailOf, enqueueMail } from "./outgoing-mail.ts";
import { requireRecentLogin } from "./recent-login.ts";
import { reserveUsername } from "./reserved-usernames.ts";
import { endSessionsOfUser } from "./session-ends.ts";
import type { Viewer } from "./viewer.ts";

/** Throws REAUTHENTICATION_REQUIRED, or FORBIDDEN for the last active administrator. */
export const deleteAccount = async (context: Context, viewer: Viewer): Promise<void> => {
  const { userId } = viewer;
  await requireRecentLogin(context.database, viewer);
  await context.database
    .transaction()
    .execute((transaction) =>
      deleteAccountOf(transaction, userId, { actorId: userId, client: context.client }),
    );
  context.viewers.forget(userId);
  context.cookies.clear(context.exchange);
};

const deleteAccountOf = async (transaction: Database, userId: string, origin: Origin): Promise<void> => {
  await requireAnotherAdministrator(transaction, userId);
  // By hand and not by the foreign key alone: a logout at this moment is waited for, and its event then found and forgotten.
  const because = { ...origin, details: { reason: "ACCOUNT_DELETED" } };
  await revokeAccessTokensOfUser(transaction, userId, because);
  await endSessionsOfUser(transaction, userId, because);
  const account = await transaction
    .deleteFrom("users")
    .where("id", "=", userId)
    .returning(["username", "canonical_username as canonicalUsername"])
    .returning(["email", "canonical_email as canonicalEmail"])
    .executeTakeFirst();
  // Another request was faster.
  if (account === undefined) throw unauthenticated();
  await recordEvent(transaction, { ...origin, type: AuditEventType.ACCOUNT_DELETED, userId });

  const { username, canonicalUsername, email, canonicalEmail } = account;
  // Whoever takes the name of somebody who has left is taken for them.
  await reserveUsername(transaction, { username: canonicalUsername, userId: null });
  await cancelMailOf(transaction, { userId, address: canonicalEmail });
  if (email !== null)
    await enqueueMail(transaction, { template: "account-deleted", username, address: email });
  await forgetPersonOf(transaction, userId);
};
