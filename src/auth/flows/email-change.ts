// Another e-mail address: asked for by the owner, and changed once the link to the new address proves it.

import { AuditEventType } from "../../entities/audit-event-type.ts";
import { brokenRule, done, invalidToken, type Result, refused } from "../../errors.ts";
import { recordEvent } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { changeUser, endCredentials } from "../endings.ts";
import { enqueueMail } from "../outgoing-mail.ts";
import {
  consumeOneTimeToken,
  endOneTimeTokensOf,
  findOneTimeToken,
  issueOneTimeToken,
} from "../secrets/one-time-tokens.ts";
import { requireRecentLogin } from "../sessions/recent-login.ts";
import { findCanonicalEmail, findEmailProblem } from "../text/emails.ts";
import { inTransaction } from "../transaction.ts";
import { findEmailOwner, lockEmailOwner, setProvenEmail } from "../users/email-owner.ts";
import { lockUser } from "../users/locks.ts";
import type { Viewer } from "../viewer/viewer.ts";
import { sendVerificationAgain } from "./email-verification.ts";
import { requireOwnAccount } from "./own-account.ts";

/**
 * Throws REAUTHENTICATION_REQUIRED, or BAD_USER_INPUT. Changes nothing but the link that can be used: an address that somebody
 * else has is answered like a free one, by as many statements, and the mail to it tells its owner.
 */
export async function requestEmailChange(
  { services }: Context,
  { viewer, email }: { readonly viewer: Viewer; readonly email: string },
): Promise<Result<null>> {
  const { database, limits, oneTimeKeys } = services;
  const { userId } = viewer;
  // Here too, so that a session of long ago does not spend what mail the address may get.
  await requireRecentLogin(database, viewer);
  const problem = findEmailProblem(email);
  if (problem) return refused(problem);
  const mayMail = await limits.takeMail(findCanonicalEmail(email) ?? "", "leaves the last one");

  return inTransaction(database, async (transaction) => {
    const account = await requireOwnAccount(transaction, viewer);
    if (account.email === email && account.emailVerifiedAt !== null) return refused(unchanged);
    if (!mayMail) return done(null);
    if (isStillToBeProven(account, email)) {
      await endOneTimeTokensOf(transaction, userId, ["change-address"]);
      await sendVerificationAgain(transaction, oneTimeKeys, userId);
      return done(null);
    }
    const owner = await findEmailOwner(transaction, email);
    // Issued for a taken address too, and never sent: it ends the earlier link, which would otherwise tell that this one is taken.
    const token = { purpose: "change-address", userId, sentTo: email, replaces: true } as const;
    const oneTimeTokenId = await issueOneTimeToken(transaction, oneTimeKeys, token);
    await enqueueMail(
      transaction,
      owner === undefined || owner.id === userId
        ? { template: "address-change-confirm", userId, oneTimeTokenId }
        : { template: "address-taken", userId: owner.id },
    );
    return done(null);
  });
}

type Account = Awaited<ReturnType<typeof requireOwnAccount>>;

const unchanged = brokenRule("email", "unchanged", "Your account has this address already.");

/**
 * The address that the account shows, and has not proven. It keeps the link that asks for a login or the password: the other one
 * would let a stranger who registered with an address be blessed by its owner's click.
 */
const isStillToBeProven = ({ email, pendingEmail, emailVerifiedAt }: Account, typed: string): boolean => {
  const shown = email ?? pendingEmail;
  return (
    shown !== null && emailVerifiedAt === null && findCanonicalEmail(shown) === findCanonicalEmail(typed)
  );
};

/**
 * Throws INVALID_TOKEN, also when somebody else has taken the address since. The link is enough: it proves the new address, and
 * a login of that moment asked for the change. Sessions go on.
 */
export async function confirmEmailChange(
  { services, client }: Context,
  { token: secret }: { readonly token: string },
): Promise<void> {
  const found = await findOneTimeToken(services.database, "change-address", secret);
  if (found === null) throw invalidToken();
  const { userId } = found;

  await changeUser(services, userId, async (transaction) => {
    const account = await lockUser(transaction, userId);
    // Twenty at the same moment: one gets it.
    const consumed = await consumeOneTimeToken(transaction, "change-address", secret);
    if (account === undefined || consumed === null) throw invalidToken();
    const { sentTo } = consumed;
    const owner = await lockEmailOwner(transaction, sentTo);
    if (owner !== undefined && owner.id !== userId) throw invalidToken();

    await setProvenEmail(transaction, userId, sentTo);
    const origin = { actorId: userId, client };
    // Links name an email, and would open the account again as soon as it came back.
    await endCredentials(transaction, "emailChanged", { userId }, origin);
    if (hasProvenAnother(account, sentTo)) {
      const undo = { purpose: "undo-address-change", userId, sentTo: account.email } as const;
      const oneTimeTokenId = await issueOneTimeToken(transaction, services.oneTimeKeys, undo);
      await enqueueMail(transaction, { template: "address-changed", userId, oneTimeTokenId });
    }
    await recordEvent(transaction, {
      ...origin,
      type: AuditEventType.EMAIL_CHANGED,
      userId,
      personal: { ...(account.email !== null && { from: account.email }), to: sentTo },
    });
  });
}

/** Whoever only typed an address before proved nothing of it: there is nothing to give back, and nobody to tell. */
const hasProvenAnother = (account: Account, next: string): account is Account & { email: string } =>
  account.email !== null &&
  account.emailVerifiedAt !== null &&
  account.canonicalEmail !== findCanonicalEmail(next);
