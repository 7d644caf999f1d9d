// Resets a forgotten password by a mailed link, which verifies the email and ends every earlier credential.
import { sql } from "kysely";
import type { Database } from "../../database/tables.ts";
import { transact } from "../../database/transaction.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { done, invalidToken, type Result, refused } from "../../errors.ts";
import { recordEvent } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { changeUser, endCredentials } from "../endings.ts";
import { enqueueMail } from "../outgoing-mail.ts";
import { hashPassword } from "../passwords/hash.ts";
import { findNewPasswordProblem } from "../passwords/policy.ts";
import {
  consumeOneTimeToken,
  findOneTimeToken,
  issueOneTimeToken,
  type OneTimeKeys,
  type Purpose,
} from "../secrets/one-time-tokens.ts";
import { withoutEdges } from "../text/edges.ts";
import { findCanonicalEmail, findEmailProblem } from "../text/emails.ts";
import { lockUser } from "../users/locks.ts";

/** Runs the same statements for every email: only the mail worker looks for the user, and only the mail shows the result. */
export async function requestPasswordReset(
  { services, client }: Context,
  { email: typed }: { readonly email: string },
): Promise<Result<null>> {
  const email = withoutEdges(typed);
  const problem = findEmailProblem(email);
  if (problem) return refused(problem);
  const address = findCanonicalEmail(email) ?? "";
  return services.limits.withMail({ canonicalEmail: address, client }, async (mayMail) => {
    if (mayMail) await enqueueMail(services.database, { template: "reset-requested", address });
    return done(null);
  });
}

/** For the mail worker. Returns null when no user who may log in has this email. */
export function issueReset(database: Database, keys: OneTimeKeys, address: string) {
  return transact(database, async (transaction) => {
    const account = await transaction
      .selectFrom("users")
      .select(["id", "email"])
      .where("canonical_email", "=", address)
      .where("is_active", "=", true)
      // The account before its links, as everywhere: two orders would be a deadlock.
      .forNoKeyUpdate()
      .executeTakeFirst();
    if (account === undefined || account.email === null) return null;
    const { id: userId, email: sentTo } = account;
    const token = { purpose: "reset-password", userId, sentTo, replaces: true } as const;
    return { userId, oneTimeTokenId: await issueOneTimeToken(transaction, keys, token) };
  });
}

/**
 * Refunds the account's attempts and makes the browser familiar, so that strangers who spent the attempts cannot keep the user out.
 * Throws INVALID_TOKEN. A password that breaks a rule does not consume the link.
 */
export async function resetPassword(
  context: Context,
  { token: secret, newPassword }: { readonly token: string; readonly newPassword: string },
): Promise<Result<null>> {
  const { services, client, exchange } = context;
  const { purpose, userId } = await requireToken(services.database, secret);
  const account = await services.database
    .selectFrom("users")
    .select(["username", "display_name as displayName", "email"])
    .where("id", "=", userId)
    .where("is_active", "=", true)
    .executeTakeFirst();
  if (account === undefined) throw invalidToken();
  const problem = await findNewPasswordProblem(newPassword, account, services.passwordPolicy);
  if (problem) return refused({ ...problem, field: "newPassword" });
  const passwordHash = await hashPassword(newPassword);

  const generation = await changeUser(services, userId, async (transaction) => {
    const locked = await lockUser(transaction, userId);
    // Only one of several concurrent requests with the same link succeeds.
    const consumed = await consumeOneTimeToken(transaction, purpose, secret);
    if (consumed === null || locked === undefined) throw invalidToken();
    const { numUpdatedRows } = await transaction
      .updateTable("users")
      .set({
        password_hash: passwordHash,
        email_verified_at: sql<Date>`coalesce(email_verified_at, now())`,
      })
      .where("id", "=", userId)
      // The link is void if the email has changed since.
      .where("canonical_email", "=", findCanonicalEmail(consumed.sentTo))
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) throw invalidToken();
    const origin = { actorId: userId, client };
    await endCredentials(transaction, "passwordReset", { userId }, origin);
    await services.attempts.clear(transaction, { id: userId, ...locked });
    await recordEvent(transaction, { ...origin, type: AuditEventType.PASSWORD_RESET, userId });
    await enqueueMail(transaction, { template: "password-changed", userId });
    return locked.generation + 1;
  });
  services.familiarBrowsers.setCookie(exchange, { userId, generation });
  return done(null);
}

/** An invitation works the same way: the invited user has no password yet. */
const purposes = ["reset-password", "invitation"] as const satisfies readonly Purpose[];

const requireToken = async (database: Database, secret: string) => {
  for (const purpose of purposes) {
    const token = await findOneTimeToken(database, purpose, secret);
    if (token !== null) return { ...token, purpose };
  }
  throw invalidToken();
};
