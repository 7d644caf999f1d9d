// Taking a change of the email back: for the owner of the email before, from whom the account was taken.
import type { Database } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { invalidToken } from "../../errors.ts";
import { recordEvent } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { changeUser, endCredentials } from "../endings.ts";
import { enqueueMail } from "../outgoing-mail.ts";
import { consumeOneTimeToken, endOneTimeTokensAfter, findOneTimeToken } from "../secrets/one-time-tokens.ts";
import { findCanonicalEmail } from "../text/emails.ts";
import { lockEmailOwner, setProvenEmail } from "../users/email-owner.ts";
import { lockUser } from "../users/locks.ts";

/**
 * Throws INVALID_TOKEN, also when somebody else has proven the email since; then the link still holds. Everything that the account
 * gave out ends, the password too: the thief knows it. The way in is the mail to the old email.
 */
export async function undoEmailChange(
  { services, client }: Context,
  { token: secret }: { readonly token: string },
): Promise<void> {
  const found = await findOneTimeToken(services.database, "undo-address-change", secret);
  if (found === null) throw invalidToken();
  const { userId } = found;

  await changeUser(services, userId, async (transaction) => {
    const account = await lockUser(transaction, userId);
    // Links that undo an earlier change stay: after two changes by a thief, the thief's own link undoes the second.
    await endOneTimeTokensAfter(transaction, "undo-address-change", secret);
    // Twenty at the same moment: one gets it.
    const consumed = await consumeOneTimeToken(transaction, "undo-address-change", secret);
    if (account === undefined || consumed === null) throw invalidToken();
    const { sentTo } = consumed;
    if (!(await freeAddress(transaction, userId, sentTo))) throw invalidToken();

    await setProvenEmail(transaction, userId, sentTo);
    await transaction.updateTable("users").set({ password_hash: null }).where("id", "=", userId).execute();
    const origin = { actorId: userId, client };
    await endCredentials(transaction, "emailChangeUndone", { userId }, origin);
    const event = { ...origin, userId, details: { reason: "ADDRESS_CHANGE_UNDONE" } };
    await recordEvent(transaction, {
      ...event,
      type: AuditEventType.EMAIL_CHANGED,
      personal: { ...(account.email !== null && { from: account.email }), to: sentTo },
    });
    await recordEvent(transaction, { ...event, type: AuditEventType.PASSWORD_CHANGED });
    // Whatever budget of mails the email has left: a thief could have spent it.
    const address = findCanonicalEmail(sentTo) ?? "";
    await enqueueMail(transaction, { template: "reset-requested", address });
  });
}

/** False when somebody else has proven it. */
const freeAddress = async (transaction: Database, userId: string, email: string): Promise<boolean> => {
  const owner = await lockEmailOwner(transaction, email);
  if (owner === undefined || owner.id === userId) return true;
  // Registered with it and never proved it: a thief could otherwise hold the email so that nobody can take it back. It becomes
  // pending, as if it had been taken at the registration.
  const { numUpdatedRows } = await transaction
    .updateTable("users")
    .set(({ ref }) => ({ email: null, canonical_email: null, pending_email: ref("email") }))
    .where("id", "=", owner.id)
    .where("email_verified_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
};
