// Proving an address: the link alone blesses nothing, for whoever registered may not be who reads the mail.
import { sql } from "kysely";
import type { Database } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { invalidCredentials, invalidToken, unauthenticated } from "../../errors.ts";
import type { AccountSettings } from "../account-settings.ts";
import { recordEvent } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { consumeOneTimeToken, findOneTimeToken } from "../secrets/one-time-tokens.ts";
import { findCanonicalEmail } from "../text/emails.ts";
import { findAddressOwnerForGood } from "../users/email-owner.ts";
import { lockAccount } from "../users/locks.ts";
import type { Viewer } from "../viewer/viewer.ts";
import { sendVerification } from "./registration.ts";

/**
 * Counts for a caller who is logged in to the account, or knows its password: otherwise a stranger could register with
 * somebody's address and have its owner confirm it. Throws INVALID_TOKEN, INVALID_CREDENTIALS or UNAUTHENTICATED.
 */
export const verifyAddress = async (context: Context, secret: string, password: string | null) => {
  const { database } = context;
  const token = await findOneTimeToken(database, "verify-address", secret);
  if (token === null) throw invalidToken();
  const viewer = await context.findViewer();
  if (viewer?.userId !== token.userId) await requirePassword(context, token.userId, password);

  const isVerified = await database.transaction().execute(async (transaction) => {
    await lockAccount(transaction, token.userId);
    const consumed = await consumeOneTimeToken(transaction, "verify-address", secret);
    if (consumed === null) return false;
    const { numUpdatedRows } = await transaction
      .updateTable("users")
      .set({ email_verified_at: sql<Date>`coalesce(email_verified_at, now())` })
      .where("id", "=", consumed.userId)
      .where("is_active", "=", true)
      // The address may have changed since the link was sent.
      .where("canonical_email", "=", findCanonicalEmail(consumed.sentTo))
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) return false;
    await recordEvent(transaction, {
      type: AuditEventType.ACCOUNT_VERIFIED,
      userId: consumed.userId,
      actorId: consumed.userId,
      client: context.client,
    });
    return true;
  });
  if (!isVerified) throw invalidToken();
  context.viewers.forget(token.userId);
};

const requirePassword = async (
  { database, attempts, client }: Context,
  userId: string,
  password: string | null,
) => {
  if (password === null) throw unauthenticated();
  const charge = await attempts.charge({ subject: { userId }, device: null, client });
  const account = await database
    .selectFrom("users")
    .select("password_hash")
    .where("id", "=", userId)
    .where("is_active", "=", true)
    .executeTakeFirst();
  if (!(await charge.verify(account?.password_hash ?? null, password))) {
    charge.fail({ userId, reason: "WRONG_PASSWORD" });
    throw invalidCredentials();
  }
  await charge.forgive();
};

/** Nothing is sent to an address that is proven, or that is somebody else's: then its owner is told. */
export const resendVerification = async (
  { database, accounts, limits }: Pick<Context, "database" | "accounts" | "limits">,
  { userId, user }: Viewer,
): Promise<void> => {
  // A mail that is not sent spends none of what the address may get.
  if (user.emailVerified) return;
  const address = user.email === null ? null : findCanonicalEmail(user.email);
  if (address === null || !(await limits.takeMail(address))) return;
  await database.transaction().execute((transaction) => sendVerificationAgain(transaction, accounts, userId));
};

export const sendVerificationAgain = async (
  transaction: Database,
  accounts: AccountSettings,
  userId: string,
): Promise<void> => {
  const account = await lockAccount(transaction, userId);
  const sentTo = account?.email ?? account?.pendingEmail ?? null;
  if (account === undefined || sentTo === null || account.emailVerifiedAt !== null) return;
  // Asked of an address that is the account's own too: the time must not tell whether it is.
  const owner = await findAddressOwnerForGood(transaction, sentTo);
  if (owner === undefined) await claimPendingAddress(transaction, userId, sentTo);
  const ownerId = owner === undefined || owner.id === userId ? null : owner.id;
  await sendVerification(transaction, accounts, { userId, sentTo, ownerId });
};

/** The address has become free since the registration. */
const claimPendingAddress = async (transaction: Database, userId: string, email: string) => {
  await transaction
    .updateTable("users")
    .set({ email, canonical_email: findCanonicalEmail(email), pending_email: null })
    .where("id", "=", userId)
    .execute();
};
