// Taking a change of address back: for the owner of the address before, from whom the account was taken.
import type { Database } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { invalidToken } from "../../errors.ts";
import { revokeAccessTokensOfUser } from "../access-tokens/ends.ts";
import { recordEvent } from "../audit/record.ts";
import { forgetDevicesOf } from "../browsers/known-devices.ts";
import type { Context } from "../context.ts";
import { enqueueMail } from "../outgoing-mail.ts";
import {
  consumeOneTimeToken,
  endOneTimeTokensAfter,
  endOneTimeTokensOf,
  findOneTimeToken,
  linksOfPresentAddress,
} from "../secrets/one-time-tokens.ts";
import { endSessionsOfUser } from "../sessions/ends.ts";
import { findCanonicalEmail } from "../text/emails.ts";
import { findAddressOwnerForGood, giveProvenAddress } from "../users/email-owner.ts";
import { lockAccount } from "../users/locks.ts";

/**
 * Throws INVALID_TOKEN, also when somebody else has proven the address since; then the link still holds. Everything that the
 * account gave out ends, the password too: whoever took the account over knows it. The way in is the mail to the old address.
 */
export const undoAddressChange = async (context: Context, secret: string): Promise<void> => {
  const { database, client, viewers } = context;
  const found = await findOneTimeToken(database, "undo-address-change", secret);
  if (found === null) throw invalidToken();
  const { userId } = found;

  await database.transaction().execute(async (transaction) => {
    const account = await lockAccount(transaction, userId);
    // Links that undo an earlier change stay: of two changes by a thief, the thief's own link undoes the second.
    await endOneTimeTokensAfter(transaction, "undo-address-change", secret);
    // Of twenty at the same moment one gets it.
    const consumed = await consumeOneTimeToken(transaction, "undo-address-change", secret);
    if (account === undefined || consumed === null) throw invalidToken();
    const { sentTo } = consumed;
    if (!(await freeAddress(transaction, userId, sentTo))) throw invalidToken();

    await giveProvenAddress(transaction, userId, sentTo);
    await transaction.updateTable("users").set({ password_hash: null }).where("id", "=", userId).execute();
    const origin = { actorId: userId, client };
    const end = { ...origin, details: { reason: "ADDRESS_CHANGE_UNDONE" } };
    await endSessionsOfUser(transaction, userId, end);
    await revokeAccessTokensOfUser(transaction, userId, end);
    await endOneTimeTokensOf(transaction, userId, linksOfPresentAddress);
    await forgetDevicesOf(transaction, userId);
    await recordEvent(transaction, {
      ...end,
      type: AuditEventType.EMAIL_CHANGED,
      userId,
      personal: { ...(account.email !== null && { from: account.email }), to: sentTo },
    });
    await recordEvent(transaction, { ...end, type: AuditEventType.PASSWORD_CHANGED, userId });
    // Whatever budget of mails the address has left: a thief could have spent it.
    await enqueueMail(transaction, {
      template: "reset-requested",
      address: findCanonicalEmail(sentTo) ?? "",
    });
  });
  viewers.forget(userId);
};

/** False when somebody else has proven it. */
const freeAddress = async (transaction: Database, userId: string, email: string): Promise<boolean> => {
  const owner = await findAddressOwnerForGood(transaction, email);
  if (owner === undefined || owner.id === userId) return true;
  // Registered with it and never proved it: a thief could otherwise hold the address so that nobody can take it back. It becomes
  // pending, as if it had been taken at the registration.
  const { numUpdatedRows } = await transaction
    .updateTable("users")
    .set(({ ref }) => ({ email: null, canonical_email: null, pending_email: ref("email") }))
    .where("id", "=", owner.id)
    .where("email_verified_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
};
