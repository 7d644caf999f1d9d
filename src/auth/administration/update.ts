// Changes the names, the email or the locale of another user.
import type { Database } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import type { BrokenRule } from "../../errors.ts";
import { type Origin, recordEvent } from "../audit/record.ts";
import { endCredentials } from "../endings.ts";
import { changeProfile } from "../flows/profile-update.ts";
import { sendVerification } from "../flows/registration.ts";
import { enqueueMail } from "../outgoing-mail.ts";
import { issueOneTimeToken, type OneTimeKeys } from "../secrets/one-time-tokens.ts";
import { withoutEdgesOf } from "../text/edges.ts";
import { findCanonicalEmail, findEmailProblem } from "../text/emails.ts";
import { type Profile, readProfile } from "../text/profiles.ts";
import { findUsernameProblem, requireUsername } from "../text/usernames.ts";
import { reserveUsername } from "../users/reserved-usernames.ts";
import { findTakenNames } from "../users/taken-names.ts";
import type { Act, ManagedUser } from "./administer.ts";
import { isInvited, sendInvitation } from "./invitation.ts";

export interface NewNames extends Profile {
  /** Null: unchanged. */
  readonly username: string | null;
  /** Null: unchanged. */
  readonly email: string | null;
}

export const updateNames =
  (typed: NewNames, oneTimeKeys: OneTimeKeys): Act =>
  async (transaction, account, origin) => {
    const email = withoutEdgesOf(typed.email);
    const asked = withoutEdgesOf(typed.username);
    // An unchanged name may be older than a rule of today.
    const username = asked === account.username ? null : asked;
    const profile = readProfile(typed);
    const problems = [
      ...(profile.ok ? [] : profile.problems),
      ...(await findProblems(transaction, account, { username, email })),
    ];
    if (problems.length > 0 || !profile.ok) return problems;
    await changeProfile(transaction, { userId: account.id, profile: profile.value }, origin);
    if (username !== null) await changeUsername(transaction, account, username, origin);
    if (email !== null && email !== account.email)
      await changeAddress(transaction, account, email, { origin, oneTimeKeys });
    return [];
  };

const findProblems = async (
  transaction: Database,
  { id, isActive, email: present }: ManagedUser,
  { username, email }: NewNames,
): Promise<readonly BrokenRule[]> => {
  const problems = [
    username === null ? null : findUsernameProblem(username),
    email === null ? null : findEmailProblem(email),
    email === null || email === present || isActive ? null : deactivated,
  ].filter((problem) => problem !== null);
  return problems.length > 0 ? problems : findTakenNames(transaction, { username, email }, id);
};

const changeUsername = async (
  transaction: Database,
  { id: userId, username: from, canonicalUsername: present }: ManagedUser,
  typed: string,
  origin: Origin,
): Promise<void> => {
  const { shown: to, canonical, skeleton } = requireUsername(typed);
  if (to === from) return;
  const names = { username: to, canonical_username: canonical, username_skeleton: skeleton };
  await transaction.updateTable("users").set(names).where("id", "=", userId).execute();
  // Reserved, as when users change it themselves, so that nobody else can pose as this user.
  if (canonical !== present) await reserveUsername(transaction, { username: from, userId });
  const event = { ...origin, type: AuditEventType.USERNAME_CHANGED, userId };
  await recordEvent(transaction, { ...event, personal: { from, to } });
  await enqueueMail(transaction, { template: "username-changed", userId, previousUsername: from });
};

/**
 * A new email allows a password reset, so the owner of the old verified email is notified there and can undo the change. The new
 * email is unverified until its link is used.
 */
const changeAddress = async (
  transaction: Database,
  account: ManagedUser,
  to: string,
  { origin, oneTimeKeys }: { readonly origin: Origin; readonly oneTimeKeys: OneTimeKeys },
): Promise<void> => {
  const { id: userId, email: from } = account;
  const canonical = findCanonicalEmail(to);
  const isAnother = canonical !== account.canonicalEmail;
  await transaction
    .updateTable("users")
    .set({ email: to, canonical_email: canonical, pending_email: null })
    .$if(isAnother, (query) => query.set({ email_verified_at: null }))
    .where("id", "=", userId)
    .execute();
  const event = { ...origin, type: AuditEventType.EMAIL_CHANGED, userId };
  await recordEvent(transaction, { ...event, personal: { ...(from !== null && { from }), to } });
  if (!isAnother) return;

  await endCredentials(transaction, "emailChanged", { userId }, origin);
  if (from !== null && account.isVerified) {
    const undo = { purpose: "undo-address-change", userId, sentTo: from } as const;
    const oneTimeTokenId = await issueOneTimeToken(transaction, oneTimeKeys, undo);
    await enqueueMail(transaction, { template: "address-changed", userId, oneTimeTokenId });
  }
  if (isInvited(account)) await sendInvitation(transaction, oneTimeKeys, userId, to);
  else await sendVerification(transaction, oneTimeKeys, { userId, sentTo: to, ownerId: null });
};

const deactivated: BrokenRule = {
  field: "email",
  rule: "active",
  // Its links would be invalid, also the one in the notice to the old email.
  message: "The user is deactivated: reactivate the user before you change the email.",
};
