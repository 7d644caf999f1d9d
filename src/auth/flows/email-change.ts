// Changes a user's own email: once requested, it takes effect when the link to the new email is used.

import type { Database } from "../../database/tables.ts";
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
import { withoutEdges } from "../text/edges.ts";
import { findCanonicalEmail, findEmailProblem } from "../text/emails.ts";
import { inTransaction } from "../transaction.ts";
import { findEmailOwner, lockEmailOwner, setProvenEmail } from "../users/email-owner.ts";
import { lockUser } from "../users/locks.ts";
import type { Viewer } from "../viewer/viewer.ts";
import { sendVerificationAgain } from "./email-verification.ts";
import { requireOwnAccount } from "./own-account.ts";

/**
 * Throws REAUTHENTICATION_REQUIRED, or BAD_USER_INPUT. Changes nothing but the valid link. A taken email gets the same response
 * as a free one, by the same number of statements; its owner is informed by mail.
 */
export async function requestEmailChange(
  { services, client }: Context,
  { viewer, email: typed }: { readonly viewer: Viewer; readonly email: string },
): Promise<Result<null>> {
  const email = withoutEdges(typed);
  const { database, limits, oneTimeKeys } = services;
  const { userId } = viewer;
  // Checked here too, so that an old session cannot spend the email's mail budget.
  await requireRecentLogin(database, services, viewer);
  const problem = findEmailProblem(email);
  if (problem) return refused(problem);

  const send = async (transaction: Database, mayMail: boolean): Promise<Result<null>> => {
    const account = await requireOwnAccount(transaction, services, viewer);
    if (account.email === email && account.emailVerifiedAt !== null) return refused(unchanged);
    if (!mayMail) return done(null);
    if (isStillToBeProven(account, email)) {
      await endOneTimeTokensOf(transaction, userId, ["change-address"]);
      await sendVerificationAgain(transaction, oneTimeKeys, userId);
      return done(null);
    }
    const owner = await findEmailOwner(transaction, email);
    // Issued for a taken email too, and never sent: it ends the earlier link, which would otherwise reveal that this one is taken.
    const token = { purpose: "change-address", userId, sentTo: email, replaces: true } as const;
    const oneTimeTokenId = await issueOneTimeToken(transaction, oneTimeKeys, token);
    await enqueueMail(
      transaction,
      owner === undefined || owner.id === userId
        ? { template: "address-change-confirm", userId, oneTimeTokenId }
        : { template: "address-taken", userId: owner.id },
    );
    return done(null);
  };
  return limits.withMail(
    { canonicalEmail: findCanonicalEmail(email) ?? "", client, viewerId: userId },
    (mayMail) => inTransaction(database, (transaction) => send(transaction, mayMail)),
    "leaves the last one",
  );
}

type Account = Awaited<ReturnType<typeof requireOwnAccount>>;

const unchanged = brokenRule("email", "unchanged", "Your account already has this email.");

/**
 * The account's email, still unverified. It must keep the link that requires a login or the password: with the other link, a
 * stranger could register with an email and have its owner verify it by one click.
 */
const isStillToBeProven = ({ email, pendingEmail, emailVerifiedAt }: Account, typed: string): boolean => {
  const shown = email ?? pendingEmail;
  return (
    shown !== null && emailVerifiedAt === null && findCanonicalEmail(shown) === findCanonicalEmail(typed)
  );
};

/**
 * Throws INVALID_TOKEN, also when another user has taken the email since. The link is enough: it proves the new email, and the
 * request needed a recent login. Sessions go on.
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
    // Only one of several concurrent requests with the same link succeeds.
    const consumed = await consumeOneTimeToken(transaction, "change-address", secret);
    if (account === undefined || consumed === null) throw invalidToken();
    const { sentTo } = consumed;
    const owner = await lockEmailOwner(transaction, sentTo);
    if (owner !== undefined && owner.id !== userId) throw invalidToken();

    await setProvenEmail(transaction, userId, sentTo);
    const origin = { actorId: userId, client };
    // Links to the old email would become valid again if the account changed back to it.
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

/** An unverified old email gets no notice and no undo link: it may be a stranger's. */
const hasProvenAnother = (account: Account, next: string): account is Account & { email: string } =>
  account.email !== null &&
  account.emailVerifiedAt !== null &&
  account.canonicalEmail !== findCanonicalEmail(next);
