// Undoes a change of the email: lets the owner of the old email take a stolen account back.
import type { Database } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { invalidToken } from "../../errors.ts";
import { days } from "../../time.ts";
import { recordEvent } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { changeUser, endCredentials } from "../endings.ts";
import { raiseFactorEpoch } from "../factors/epoch.ts";
import { removeFactorsAddedSince } from "../factors/removal.ts";
import { enqueueMail } from "../outgoing-mail.ts";
import { removeIdentitiesLinkedSince } from "../providers/identities.ts";
import { consumeOneTimeToken, endOneTimeTokensAfter, findOneTimeToken } from "../secrets/one-time-tokens.ts";
import { findCanonicalEmail } from "../text/emails.ts";
import { lockEmailOwner, setProvenEmail } from "../users/email-owner.ts";
import { lockUser } from "../users/locks.ts";

/**
 * Throws INVALID_TOKEN, also when another user has verified the email since; then the link stays valid. Ends every credential,
 * the password too, because the thief knows it, and the second factors and identities that were added since the week before the
 * change: otherwise the thief's would lock the owner out, or open the account again. The user gets back in by the mail to the old email.
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
    // Links that undo an earlier change stay: a thief who changes the email twice could otherwise end the owner's link by using the link
    // for the second change.
    await endOneTimeTokensAfter(transaction, "undo-address-change", secret);
    // Only one of several concurrent requests with the same link succeeds.
    const consumed = await consumeOneTimeToken(transaction, "undo-address-change", secret);
    if (account === undefined || consumed === null) throw invalidToken();
    const { sentTo, issuedAt } = consumed;
    if (!(await freeAddress(transaction, userId, sentTo))) throw invalidToken();

    await setProvenEmail(transaction, userId, sentTo);
    await transaction.updateTable("users").set({ password_hash: null }).where("id", "=", userId).execute();
    const origin = { actorId: userId, client };
    const since = new Date(issuedAt.getTime() - windowOfThief);
    if (await removeFactorsAddedSince(transaction, userId, since)) {
      await raiseFactorEpoch(transaction, userId);
      const type = AuditEventType.SECOND_FACTORS_RESET;
      await recordEvent(transaction, {
        ...origin,
        type,
        userId,
        details: { reason: "ADDRESS_CHANGE_UNDONE" },
      });
    }
    if (await removeIdentitiesLinkedSince(transaction, userId, since)) {
      const type = AuditEventType.IDENTITY_UNLINKED;
      const details = { reason: "ADDRESS_CHANGE_UNDONE" };
      await recordEvent(transaction, { ...origin, type, userId, details });
    }
    await endCredentials(transaction, "emailChangeUndone", { userId }, origin);
    const event = { ...origin, userId, details: { reason: "ADDRESS_CHANGE_UNDONE" } };
    await recordEvent(transaction, {
      ...event,
      type: AuditEventType.EMAIL_CHANGED,
      personal: { ...(account.email !== null && { from: account.email }), to: sentTo },
    });
    await recordEvent(transaction, { ...event, type: AuditEventType.PASSWORD_CHANGED });
    // Skips the mail budget of the email: a thief could have spent it.
    const address = findCanonicalEmail(sentTo) ?? "";
    await enqueueMail(transaction, { template: "reset-requested", address });
  });
}

/**
 * A thief may add a passkey first and change the email then. The owner was told of a factor by a mail to the old email, and had
 * this long to act on it.
 */
const windowOfThief = days(7);

/** Returns false when another user has verified it. */
const freeAddress = async (transaction: Database, userId: string, email: string): Promise<boolean> => {
  const owner = await lockEmailOwner(transaction, email);
  if (owner === undefined || owner.id === userId) return true;
  // Another user registered with it and never verified it: a thief could otherwise block the undo. It becomes that user's pending email,
  // as if it had been taken at the registration.
  const { numUpdatedRows } = await transaction
    .updateTable("users")
    .set(({ ref }) => ({ email: null, canonical_email: null, pending_email: ref("email") }))
    .where("id", "=", owner.id)
    .where("email_verified_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
};
