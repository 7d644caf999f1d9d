// Registers a user, without revealing which emails are taken.

import type { Database } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { type BrokenRule, done, type Result, refused, switchedOff } from "../../errors.ts";
import { recordEvent } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { enqueueMail } from "../outgoing-mail.ts";
import { hashPassword } from "../passwords/hash.ts";
import { findNewPasswordProblem, type PasswordPolicy } from "../passwords/policy.ts";
import { issueOneTimeToken, type OneTimeKeys } from "../secrets/one-time-tokens.ts";
import { withoutEdges } from "../text/edges.ts";
import { findCanonicalEmail, findEmailProblem } from "../text/emails.ts";
import { type Profile, readProfile } from "../text/profiles.ts";
import { findUsernameProblem } from "../text/usernames.ts";
import { inTransaction } from "../transaction.ts";
import { lockEmailOwner } from "../users/email-owner.ts";
import { insertUser } from "../users/insert.ts";
import { claimUsername, usernameTaken } from "../users/reserved-usernames.ts";

export interface Registration extends Profile {
  readonly username: string;
  readonly email: string;
  readonly password: string;
}

/**
 * Returns every broken rule at once. A taken email gets the same response as a free one, in the same time: the account is created
 * without it and keeps it as pending, and its owner is informed by mail. Only a username may be shown to be taken.
 */
export async function register({ services, client }: Context, given: Registration): Promise<Result<null>> {
  const { database, limits, oneTimeKeys } = services;
  const typed = { ...given, username: withoutEdges(given.username), email: withoutEdges(given.email) };
  if (!services.isRegistrationOpen) throw switchedOff("Registration");
  const read = readProfile(given);
  const profile = read.ok ? read.value : {};
  const problems = [
    ...(read.ok ? [] : read.problems),
    ...(await findProblems({ ...typed, ...profile }, services.passwordPolicy)),
  ];
  if (problems.length > 0) return refused(...problems);
  const canonicalEmail = findCanonicalEmail(typed.email) ?? "";
  const passwordHash = await hashPassword(typed.password);

  const insert = async (transaction: Database, mayMail: boolean): Promise<Result<null>> => {
    const isKept = services.applicationNames.has(typed.username);
    if (isKept || !(await claimUsername(transaction, { username: typed.username, userId: null })))
      return refused(usernameTaken);
    const owner = await lockEmailOwner(transaction, typed.email);
    const email = owner === undefined ? typed.email : null;
    const pendingEmail = owner === undefined ? null : typed.email;
    const user = { ...profile, username: typed.username, email, pendingEmail, passwordHash };
    const userId = await insertUser(transaction, user);
    if (userId === null) return refused(usernameTaken);
    const type = AuditEventType.ACCOUNT_REGISTERED;
    await recordEvent(transaction, { type, userId, actorId: userId, client });
    const verification = { userId, sentTo: typed.email, ownerId: owner?.id ?? null };
    if (mayMail) await sendVerification(transaction, oneTimeKeys, verification);
    await services.hooks.afterRegister(transaction, { userId, username: typed.username, by: "SELF" });
    return done(null);
  };
  // Nothing is spent unless it commits: repeated registrations that are refused or fail would spend the email's mails without a mail.
  return limits.withMail(
    { canonicalEmail, client },
    (mayMail) => inTransaction(database, (transaction) => insert(transaction, mayMail)),
    "leaves the last one",
  );
}

const findProblems = async (typed: Registration, policy: PasswordPolicy): Promise<readonly BrokenRule[]> => {
  const problems = [
    findUsernameProblem(typed.username),
    findEmailProblem(typed.email),
    await findNewPasswordProblem(
      typed.password,
      { ...typed, displayName: typed.displayName ?? null },
      policy,
    ),
  ];
  return problems.filter((problem) => problem !== null);
};

export interface Verification {
  readonly userId: string;
  readonly sentTo: string;
  /** The other user who has the email, who is then informed instead. */
  readonly ownerId: string | null;
}

/**
 * Issues the verification link and its mail. For a taken email it issues the link too and never sends it: otherwise the time, or
 * the links in a data export, would reveal that it is taken.
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
