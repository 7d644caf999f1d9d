// Deletes an account: all personal data goes in one transaction, or nothing.
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
    const { username, email, canonicalEmail, emailVerifiedAt } = await requireOwnAccount(
      transaction,
      services,
      viewer,
    );
    await requireAnotherAdministrator(transaction, userId);
    await services.hooks.beforeDelete(transaction, userId);
    const origin = { actorId: userId, client };
    // Not by the foreign key alone: this waits for a logout in progress, so that its event is erased too.
    await endCredentials(transaction, "deleted", { userId }, origin);
    await transaction.deleteFrom("users").where("id", "=", userId).execute();
    await recordEvent(transaction, { ...origin, type: AuditEventType.ACCOUNT_DELETED, userId });

    // Reserved, so that a stranger who takes the name is not mistaken for the deleted user.
    await reserveUsername(transaction, { username, userId: null });
    await cancelMailOf(transaction, { userId, address: canonicalEmail });
    // An unverified email may be a stranger's: as with every notice, see mail/compose.ts.
    if (email !== null && emailVerifiedAt !== null)
      await enqueueMail(transaction, {
        template: "account-deleted",
        username,
        address: email,
        locale: viewer.user.locale,
      });
    await forgetPersonOf(transaction, userId);
  });
  services.sessionCookies.clearCookie(exchange);
}
