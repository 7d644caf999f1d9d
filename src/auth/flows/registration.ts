// Registration: a person makes an account, and learns nothing about who else has one.

import type { Database } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { type BrokenRule, done, forbidden, type Result, refused } from "../../errors.ts";
import { recordEvent } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { enqueueMail } from "../outgoing-mail.ts";
import { hashPassword } from "../passwords/hash.ts";
import { findNewPasswordProblem, type PasswordPolicy } from "../passwords/policy.ts";
import { issueOneTimeToken, type OneTimeKeys } from "../secrets/one-time-tokens.ts";
import { findCanonicalEmail, findEmailProblem } from "../text/emails.ts";
import { findUsernameProblem, requireUsername } from "../text/usernames.ts";
import { inTransaction } from "../transaction.ts";
import { lockEmailOwner } from "../users/email-owner.ts";
import { insertUser } from "../users/insert.ts";
import { claimUsername, usernameTaken } from "../users/reserved-usernames.ts";

export interface Registration {
  readonly username: string;
  readonly email: string;
  readonly password: string;
}

/**
 * Every broken rule at once. An email that somebody has is answered like a free one, in the same time: the account is made without
 * it and keeps it as pending, and the mail to that email informs its owner. Only a username may be shown to be taken.
 */
export async function register({ services, client }: Context, typed: Registration): Promise<Result<null>> {
  const { database, limits, oneTimeKeys } = services;
  if (!services.isRegistrationOpen) throw forbidden();
  const problems = await findProblems(typed, services.passwordPolicy);
  if (problems.length > 0) return refused(...problems);
  const username = requireUsername(typed.username).canonical;
  const canonicalEmail = findCanonicalEmail(typed.email) ?? "";
  const passwordHash = await hashPassword(typed.password);
  const mayMail = await limits.takeMail(canonicalEmail, "leaves the last one");

  const registered = await inTransaction(database, async (transaction) => {
    if (!(await claimUsername(transaction, { username, userId: null }))) return refused(usernameTaken);
    const owner = await lockEmailOwner(transaction, typed.email);
    const email = owner === undefined ? typed.email : null;
    const pendingEmail = owner === undefined ? null : typed.email;
    const user = { username: typed.username, email, pendingEmail, passwordHash };
    const userId = await insertUser(transaction, user);
    if (userId === null) return refused(usernameTaken);
    const type = AuditEventType.ACCOUNT_REGISTERED;
    await recordEvent(transaction, { type, userId, actorId: userId, client });
    const verification = { userId, sentTo: typed.email, ownerId: owner?.id ?? null };
    if (mayMail) await sendVerification(transaction, oneTimeKeys, verification);
    return done(null);
  });
  // A taken name could otherwise be registered again and again, and keep an email from every mail without one being sent.
  if (!registered.ok && mayMail) await limits.refundMail(canonicalEmail);
  return registered;
}

const findProblems = async (typed: Registration, policy: PasswordPolicy): Promise<readonly BrokenRule[]> => {
  const problems = [
    findUsernameProblem(typed.username),
    findEmailProblem(typed.email),
    await findNewPasswordProblem(typed.password, typed, policy),
  ];
  return problems.filter((problem) => problem !== null);
};

export interface Verification {
  readonly userId: string;
  readonly sentTo: string;
  /** Of somebody else who has the address: then that owner is told. */
  readonly ownerId: string | null;
}

/**
 * Issues the link that proves the address, and the mail that carries it. One is issued for a taken address too, and never sent:
 * the time that it takes, and the links in an export, would tell.
 */
export async function sendVerification(
  transaction: Database,
  keys: OneTimeKeys,
  { userId, sentTo, ownerId }: Verification,
): Promise<void> {
  const token = { purpose: "verify-address", userId, sentTo } as const;
  const oneTimeTokenId = await issueOneTimeToken(transaction, keys, token);
  await enqueueMail(
    transaction,
    ownerId === null
      ? { template: "verify-address", userId, oneTimeTokenId }
      : { template: "address-taken", userId: ownerId },
  );
}
