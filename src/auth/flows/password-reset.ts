// A forgotten password: a link by mail, which proves the address and ends everything that was set up before it.
import { sql } from "kysely";
import type { Database } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { badUserInput, invalidToken } from "../../errors.ts";
import { revokeAccessTokensOfUser } from "../access-tokens/ends.ts";
import { recordEvent } from "../audit/record.ts";
import { forgetDevicesOf } from "../browsers/known-devices.ts";
import type { Context } from "../context.ts";
import { enqueueMail } from "../outgoing-mail.ts";
import { hashPassword } from "../passwords/hash.ts";
import { findNewPasswordProblem } from "../passwords/policy.ts";
import {
  consumeOneTimeToken,
  endOneTimeTokensOf,
  findOneTimeToken,
  issueOneTimeToken,
  linksOfPresentAddress,
  type OneTimeKeys,
  type Purpose,
} from "../secrets/one-time-tokens.ts";
import { endSessionsOfUser } from "../sessions/ends.ts";
import { findCanonicalEmail, findEmailProblem } from "../text/emails.ts";
import { lockAccount } from "../users/locks.ts";

/** The same statements whatever the address is: whether there is an account is asked by the worker, and told by the mail. */
export const requestPasswordReset = async (
  { database, limits }: Pick<Context, "database" | "limits">,
  email: string,
): Promise<void> => {
  const problem = findEmailProblem(email);
  if (problem) throw badUserInput([problem]);
  const address = findCanonicalEmail(email) ?? "";
  if (await limits.takeMail(address)) await enqueueMail(database, { template: "reset-requested", address });
};

/** For the worker. Null when no account that may log in has this address. */
export const issueReset = (database: Database, keys: OneTimeKeys, address: string) =>
  database.transaction().execute(async (transaction) => {
    const account = await transaction
      .selectFrom("users")
      .select(["id", "email"])
      .where("canonical_email", "=", address)
      .where("is_active", "=", true)
      .executeTakeFirst();
    if (account === undefined || account.email === null) return null;
    const { id: userId, email: sentTo } = account;
    const token = { purpose: "reset-password", userId, sentTo, replaces: true } as const;
    return { userId, oneTimeTokenId: await issueOneTimeToken(transaction, keys, token) };
  });

/** An invitation opens the same door: its owner has no password yet. */
const purposes = ["reset-password", "invitation"] as const satisfies readonly Purpose[];

/**
 * Whoever spends the account's attempts cannot keep its owner out: they come back, and the browser is a known one. Throws
 * INVALID_TOKEN, or BAD_USER_INPUT for a password that breaks a rule; then the link still holds.
 */
export const resetPassword = async (context: Context, secret: string, newPassword: string): Promise<void> => {
  const { database, client, attempts, devices, exchange } = context;
  const { purpose, userId } = await requireToken(database, secret);
  const account = await database
    .selectFrom("users")
    .select(["username", "email"])
    .where("id", "=", userId)
    .where("is_active", "=", true)
    .executeTakeFirst();
  if (account === undefined) throw invalidToken();
  const problem = await findNewPasswordProblem(newPassword, account, context.accounts.passwordPolicy);
  if (problem) throw badUserInput([{ ...problem, field: "newPassword" }]);
  const password_hash = await hashPassword(newPassword);

  const generation = await database.transaction().execute(async (transaction) => {
    const locked = await lockAccount(transaction, userId);
    // Of twenty at the same moment one gets it.
    const consumed = await consumeOneTimeToken(transaction, purpose, secret);
    if (consumed === null || locked === undefined) return null;
    const { numUpdatedRows } = await transaction
      .updateTable("users")
      .set({ password_hash, email_verified_at: sql<Date>`coalesce(email_verified_at, now())` })
      .where("id", "=", userId)
      // The link died with the address that it was sent to.
      .where("canonical_email", "=", findCanonicalEmail(consumed.sentTo))
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) return null;
    const origin = { actorId: userId, client };
    const end = { ...origin, details: { reason: "PASSWORD_RESET" } };
    await endSessionsOfUser(transaction, userId, end);
    await revokeAccessTokensOfUser(transaction, userId, end);
    await endOneTimeTokensOf(transaction, userId, linksOfPresentAddress);
    await attempts.clear(transaction, { id: userId, ...locked });
    await recordEvent(transaction, { ...origin, type: AuditEventType.PASSWORD_RESET, userId });
    await enqueueMail(transaction, { template: "password-changed", userId });
    return forgetDevicesOf(transaction, userId);
  });
  if (generation === null) throw invalidToken();
  devices.leave(exchange, { userId, generation });
  context.viewers.forget(userId);
};

const requireToken = async (database: Database, secret: string) => {
  for (const purpose of purposes) {
    const token = await findOneTimeToken(database, purpose, secret);
    if (token !== null) return { ...token, purpose };
  }
  throw invalidToken();
};
