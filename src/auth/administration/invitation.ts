// Invites a user: only the invited user ever knows the password.

import type { Database } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { type BrokenRule, done, type Result, refused } from "../../errors.ts";
import { recordEvent } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { enqueueMail } from "../outgoing-mail.ts";
import { issueOneTimeToken, type OneTimeKeys } from "../secrets/one-time-tokens.ts";
import { requireRecentLogin } from "../sessions/recent-login.ts";
import { withoutEdges } from "../text/edges.ts";
import { findEmailProblem } from "../text/emails.ts";
import { type Profile, readProfile } from "../text/profiles.ts";
import { findUsernameProblem } from "../text/usernames.ts";
import { inTransaction } from "../transaction.ts";
import { insertUser } from "../users/insert.ts";
import { usernameTaken } from "../users/reserved-usernames.ts";
import { findTakenNames } from "../users/taken-names.ts";
import type { Viewer } from "../viewer/viewer.ts";
import { lockUsers, type ManagedUser, originOfAct, requireActor } from "./administer.ts";
import { findRoleProblems } from "./role-assignment.ts";

export interface InvitedUser extends Profile {
  readonly username: string;
  readonly email: string;
  readonly roles: readonly string[];
}

/**
 * Returns the id of the new user. The email is verified when its link is used. Throws FORBIDDEN for roles that the viewer may not
 * grant or does not hold, and REAUTHENTICATION_REQUIRED when there are roles to grant.
 */
export async function inviteUser(
  { services, client }: Context,
  { viewer, roles: asked, ...typed }: InvitedUser & { readonly viewer: Viewer },
): Promise<Result<string>> {
  const [username, email] = [withoutEdges(typed.username), withoutEdges(typed.email)];
  return inTransaction(services.database, async (transaction) => {
    const locked = await lockUsers(transaction, [viewer.userId]);
    const actor = requireActor(locked, viewer, "users:create");
    const roles = [...new Set(asked)];
    if (roles.length > 0) {
      requireActor(locked, viewer, "users:set-roles");
      await requireRecentLogin(transaction, services, viewer);
    }
    const profile = readProfile(typed);
    const problems = [
      ...(profile.ok ? [] : profile.problems),
      ...(await findNameProblems(transaction, { username, email })),
      ...(await findRoleProblems(transaction, actor, roles, services.authority)),
    ];
    if (problems.length > 0 || !profile.ok) return refused(...problems);
    const row = { ...profile.value, username, email, passwordHash: null, roles };
    const userId = await insertUser(transaction, row);
    if (userId === null) return refused(usernameTaken);
    const event = { ...originOfAct(viewer, client), type: AuditEventType.ACCOUNT_CREATED, userId };
    await recordEvent(transaction, { ...event, details: { roles } });
    await sendInvitation(transaction, services.oneTimeKeys, userId, email);
    await services.hooks.afterRegister(transaction, { userId, username, by: "ADMINISTRATOR" });
    return done(userId);
  });
}

/** Replaces the earlier invitation. */
export const sendInvitation = async (
  transaction: Database,
  keys: OneTimeKeys,
  userId: string,
  sentTo: string,
): Promise<void> => {
  const token = { purpose: "invitation", userId, sentTo, replaces: true } as const;
  const oneTimeTokenId = await issueOneTimeToken(transaction, keys, token);
  await enqueueMail(transaction, { template: "invitation", userId, oneTimeTokenId });
};

/** Invited, and the link has not been used yet. */
export const isInvited = ({ hasPassword, isVerified }: ManagedUser): boolean => !hasPassword && !isVerified;

const findNameProblems = async (
  transaction: Database,
  names: Pick<InvitedUser, "username" | "email">,
): Promise<readonly BrokenRule[]> => {
  const malformed = [findUsernameProblem(names.username), findEmailProblem(names.email)];
  const problems = malformed.filter((problem) => problem !== null);
  return problems.length > 0 ? problems : findTakenNames(transaction, names, null);
};
