// Verifies an email. The link alone is not enough, because the user who registered may not be the one who reads the mail.
import { sql } from "kysely";
import type { Database } from "../../database/tables.ts";
import { transact } from "../../database/transaction.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { invalidToken, unauthenticated } from "../../errors.ts";
import { recordEvent } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { changeUser } from "../endings.ts";
import { consumeOneTimeToken, findOneTimeToken, type OneTimeKeys } from "../secrets/one-time-tokens.ts";
import { findCanonicalEmail } from "../text/emails.ts";
import { lockEmailOwner } from "../users/email-owner.ts";
import { lockUser } from "../users/locks.ts";
import type { Viewer } from "../viewer/viewer.ts";
import { proveOwnPassword } from "./own-account.ts";
import { sendVerification } from "./registration.ts";

/**
 * Requires a login to the account, or its password: otherwise a stranger could register with somebody's email and have its owner
 * verify it. Throws INVALID_TOKEN, INVALID_CREDENTIALS or UNAUTHENTICATED.
 */
export async function verifyEmail(
  context: Context,
  { token: secret, password }: { readonly token: string; readonly password: string | null },
): Promise<void> {
  const { services, client } = context;
  const token = await findOneTimeToken(services.database, "verify-address", secret);
  if (token === null) throw invalidToken();
  const { userId } = token;
  const viewer = await context.findViewer();
  if (viewer?.userId !== userId) {
    if (password === null) throw unauthenticated();
    await proveOwnPassword(context, { userId, password });
  }

  await changeUser(services, userId, async (transaction) => {
    await lockUser(transaction, userId);
    const consumed = await consumeOneTimeToken(transaction, "verify-address", secret);
    if (consumed === null) throw invalidToken();
    const { numUpdatedRows } = await transaction
      .updateTable("users")
      .set({ email_verified_at: sql<Date>`coalesce(email_verified_at, now())` })
      .where("id", "=", userId)
      .where("is_active", "=", true)
      // The email may have changed since the link was sent.
      .where("canonical_email", "=", findCanonicalEmail(consumed.sentTo))
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) throw invalidToken();
    const type = AuditEventType.ACCOUNT_VERIFIED;
    await recordEvent(transaction, { type, userId, actorId: userId, client });
  });
}

/** Sends nothing to a verified email. When another user has the email, informs that user instead. */
export async function resendVerification(
  { services, client }: Context,
  { viewer }: { readonly viewer: Viewer },
): Promise<void> {
  const { database, limits, oneTimeKeys } = services;
  const { userId, user } = viewer;
  // Returns before it spends the email's mail budget.
  if (user.emailVerified) return;
  const address = user.email === null ? null : findCanonicalEmail(user.email);
  if (address === null) return;
  await limits.withMail(
    { canonicalEmail: address, client, viewerId: userId },
    async (mayMail, sentNothing) => {
      if (!mayMail) return;
      const send = (transaction: Database) => sendVerificationAgain(transaction, oneTimeKeys, userId);
      // Verified or deactivated at this moment, so there was nothing to send.
      if (!(await transact(database, send))) sentNothing();
    },
  );
}

/** Returns false when there is nothing to verify any more. */
export async function sendVerificationAgain(
  transaction: Database,
  keys: OneTimeKeys,
  userId: string,
): Promise<boolean> {
  const account = await lockUser(transaction, userId);
  const sentTo = account?.email ?? account?.pendingEmail ?? null;
  if (account === undefined || sentTo === null || account.emailVerifiedAt !== null) return false;
  // Always queried, so that the time does not reveal whether the email is the user's own.
  const owner = await lockEmailOwner(transaction, sentTo);
  if (owner === undefined) await claimPendingAddress(transaction, userId, sentTo);
  const ownerId = owner === undefined || owner.id === userId ? null : owner.id;
  await sendVerification(transaction, keys, { userId, sentTo, ownerId });
  return true;
}

/** The email has become free since the registration. */
const claimPendingAddress = async (transaction: Database, userId: string, email: string) => {
  await transaction
    .updateTable("users")
    .set({ email, canonical_email: findCanonicalEmail(email), pending_email: null })
    .where("id", "=", userId)
    .execute();
};
