// What an operator does at the command line: creates a user, sets a password, ends sessions.

import type { Database } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { brokenRule, done, type Result, refused } from "../../errors.ts";
import type { AccountHooks } from "../account-hooks.ts";
import { type Origin, recordEvent } from "../audit/record.ts";
import { endCredentials } from "../endings.ts";
import { enqueueMail } from "../outgoing-mail.ts";
import { hashPassword } from "../passwords/hash.ts";
import { findNewPasswordProblem, type PasswordPolicy } from "../passwords/policy.ts";
import { withoutEdges, withoutEdgesOf } from "../text/edges.ts";
import { findEmailProblem } from "../text/emails.ts";
import { type Profile, readProfile } from "../text/profiles.ts";
import { findRoleNameProblem } from "../text/rule-names.ts";
import { findCanonicalUsername, findUsernameProblem } from "../text/usernames.ts";
import { inTransaction } from "../transaction.ts";
import { lockEmailOwner } from "../users/email-owner.ts";
import { findUserId, unknownUser } from "../users/find.ts";
import { insertUser } from "../users/insert.ts";
import { claimUsername } from "../users/reserved-usernames.ts";

export interface CreatedUser extends Profile {
  readonly username: string;
  readonly email: string | null;
  readonly password: string;
  readonly roles: readonly string[];
}

/** Returns the id of the new user, or every broken rule at once. */
export async function createUser(
  database: Database,
  { password, roles, ...typed }: CreatedUser,
  origin: Origin,
  policy: PasswordPolicy,
  afterRegister: AccountHooks["afterRegister"] = async () => undefined,
): Promise<Result<string>> {
  const [username, email] = [withoutEdges(typed.username), withoutEdgesOf(typed.email)];
  const profile = readProfile(typed);
  const { displayName = null, locale = null } = profile.ok ? profile.value : {};
  const problems = [
    ...(profile.ok ? [] : profile.problems),
    findUsernameProblem(username),
    email === null ? null : findEmailProblem(email),
    await findNewPasswordProblem(password, { username, displayName, email }, policy),
    ...roles.map(findRoleNameProblem),
  ].filter((problem) => problem !== null);
  if (problems.length > 0) return refused(...problems);
  const passwordHash = await hashPassword(password);

  return inTransaction(database, async (transaction) => {
    if (!(await claimUsername(transaction, { username, userId: null }))) return refused(taken);
    if (email !== null && (await lockEmailOwner(transaction, email))) return refused(taken);
    // The operator vouches for the email.
    const names = { username, displayName, locale, email };
    const row = { ...names, isEmailVerified: email !== null, passwordHash, roles };
    const userId = await insertUser(transaction, row);
    if (userId === null) return refused(taken);
    const details = { ...origin.details, roles: [...new Set(roles)] };
    await recordEvent(transaction, { ...origin, type: AuditEventType.ACCOUNT_CREATED, userId, details });
    await afterRegister(transaction, { userId, username, by: "OPERATOR" });
    return done(userId);
  });
}

const taken = brokenRule("username", "unique", "The username or the email is taken.");

/** Returns how many sessions were ended. `endings` lists what else it ends. */
export async function setPassword(
  database: Database,
  { username: typed, password }: { readonly username: string; readonly password: string },
  origin: Origin,
  policy: PasswordPolicy,
): Promise<Result<number>> {
  const username = withoutEdges(typed);
  const account = await database
    .selectFrom("users")
    .select(["username", "display_name as displayName", "email"])
    .where("canonical_username", "=", findCanonicalUsername(username))
    .executeTakeFirst();
  if (account === undefined) return refused(unknownUser);
  const problem = await findNewPasswordProblem(password, account, policy);
  if (problem) return refused(problem);
  const passwordHash = await hashPassword(password);

  return inTransaction(database, async (transaction) => {
    const user = await transaction
      .updateTable("users")
      .set({ password_hash: passwordHash })
      .where("canonical_username", "=", findCanonicalUsername(username))
      .returning("id as userId")
      .executeTakeFirst();
    if (user === undefined) return refused(unknownUser);
    await recordEvent(transaction, { ...origin, type: AuditEventType.PASSWORD_CHANGED, userId: user.userId });
    const ended = await endCredentials(transaction, "passwordSetByOperator", user, origin);
    await enqueueMail(transaction, {
      template: "password-changed",
      userId: user.userId,
      by: "operator",
    });
    return done(ended);
  });
}

/** Returns how many sessions were ended. */
export async function revokeSessionsOf(
  database: Database,
  username: string,
  origin: Origin,
): Promise<Result<number>> {
  const user = await findUserId(database, username);
  if (!user.ok) return user;
  return done(await endCredentials(database, "sessionsRevoked", { userId: user.value }, origin));
}
