// Accounts that somebody makes for somebody else: only their owner ever knows the password.
import { v7 as uuidv7 } from "uuid";
import type { Database } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { type BrokenRule, badUserInput } from "../../errors.ts";
import { recordEvent } from "../audit/record.ts";
import { enqueueMail } from "../outgoing-mail.ts";
import { issueOneTimeToken, type OneTimeKeys } from "../secrets/one-time-tokens.ts";
import { requireRecentLogin } from "../sessions/recent-login.ts";
import { findCanonicalEmail, findEmailProblem } from "../text/emails.ts";
import { findUsernameProblem, requireUsername } from "../text/usernames.ts";
import { usernameTaken } from "../users/reserved-usernames.ts";
import { findTakenNames } from "../users/taken-names.ts";
import {
  type AdministrationContext,
  type Administrator,
  lockAccounts,
  type ManagedAccount,
  originOfAct,
  requireActor,
} from "./administer.ts";
import { findRoleProblems } from "./role-assignment.ts";

export interface InvitedAccount {
  readonly username: string;
  readonly email: string;
  readonly roles: readonly string[];
}

/**
 * The id. The address counts as proven once its link is used. Throws BAD_USER_INPUT with every broken rule; FORBIDDEN for roles
 * that the viewer may not give, or does not hold; REAUTHENTICATION_REQUIRED when there are roles to give.
 */
export const inviteUser = (
  { database, client, accounts }: AdministrationContext,
  { viewer, rolesAskedFor }: Administrator,
  { username, email, roles: asked }: InvitedAccount,
): Promise<string> =>
  database.transaction().execute(async (transaction) => {
    const locked = await lockAccounts(transaction, [viewer.userId]);
    const actor = requireActor(locked, viewer, "users:create");
    const roles = [...new Set(asked)];
    if (roles.length > 0) {
      requireActor(locked, viewer, "users:set-roles");
      await requireRecentLogin(transaction, viewer);
    }
    const problems = [
      ...(await findNameProblems(transaction, { username, email })),
      ...(await findRoleProblems(transaction, actor, roles, rolesAskedFor)),
    ];
    if (problems.length > 0) throw badUserInput(problems);
    const id = await insertAccount(transaction, { username, email, roles });
    const event = { ...originOfAct(viewer, client), type: AuditEventType.ACCOUNT_CREATED, userId: id };
    await recordEvent(transaction, { ...event, details: { roles } });
    await sendInvitation(transaction, accounts.oneTimeKeys, id, email);
    return id;
  });

/** Replaces the one before it. */
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

/** And has not used it yet. */
export const isInvited = ({ hasPassword, isVerified }: ManagedAccount): boolean =>
  !hasPassword && !isVerified;

const findNameProblems = async (
  transaction: Database,
  names: Pick<InvitedAccount, "username" | "email">,
): Promise<readonly BrokenRule[]> => {
  const malformed = [findUsernameProblem(names.username), findEmailProblem(names.email)];
  const problems = malformed.filter((problem) => problem !== null);
  return problems.length > 0 ? problems : findTakenNames(transaction, names, null);
};

const insertAccount = async (
  transaction: Database,
  { username, email, roles }: InvitedAccount,
): Promise<string> => {
  const { shown, canonical } = requireUsername(username);
  const row = {
    id: uuidv7(),
    username: shown,
    canonical_username: canonical,
    email,
    canonical_email: findCanonicalEmail(email),
    roles: [...roles],
  };
  const made = await transaction
    .insertInto("users")
    .values(row)
    // What takes no lock, such as the command line, took a name at this very moment.
    .onConflict((conflict) => conflict.doNothing())
    .returning("id")
    .executeTakeFirst();
  if (made === undefined) throw badUserInput([usernameTaken]);
  return made.id;
};
