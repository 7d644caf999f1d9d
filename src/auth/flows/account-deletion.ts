// Deleting an account: all that is personal goes in one transaction, or none of it.
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { recordEvent } from "../audit/record.ts";
import { forgetPersonOf } from "../audit/trail/erasure.ts";
import type { Context } from "../context.ts";
import { changeUser, endCredentials } from "../endings.ts";
import { cancelMailOf, enqueueMail } from "../outgoing-mail.ts";
import { requireAnotherAdministrator } from "../users/last-administrator.ts";
import { reserveUsername } from "../users/reserved-usernames.ts";
import type { Viewer } from "../viewer/viewer.ts";
import { requireOwnAccount } from "./own-account.ts";

/** Throws REAUTHENTICATION_REQUIRED, or FORBIDDEN for the last active administrator. */
export async function deleteAccount(
  { services, client, exchange }: Context,
  { viewer }: { readonly viewer: Viewer },
): Promise<void> {
  const { userId } = viewer;
  await changeUser(services, userId, async (transaction) => {
    const { username, canonicalUsername, email, canonicalEmail, emailVerifiedAt } = await requireOwnAccount(
      transaction,
      viewer,
    );
    await requireAnotherAdministrator(transaction, userId);
    const origin = { actorId: userId, client };
    // Not by the foreign key alone: a logout at this moment is waited for, and its event then found and forgotten.
    await endCredentials(transaction, "deleted", { userId }, origin);
    await transaction.deleteFrom("users").where("id", "=", userId).execute();
    await recordEvent(transaction, { ...origin, type: AuditEventType.ACCOUNT_DELETED, userId });

    // A stranger who takes the name of somebody who has left is taken for them.
    await reserveUsername(transaction, { username: canonicalUsername, userId: null });
    await cancelMailOf(transaction, { userId, address: canonicalEmail });
    // An email that was not proven may be a stranger's: as with every notice, see mail/compose.ts.
    if (email !== null && emailVerifiedAt !== null)
      await enqueueMail(transaction, { template: "account-deleted", username, address: email });
    await forgetPersonOf(transaction, userId);
  });
  services.sessionCookies.clearCookie(exchange);
}
