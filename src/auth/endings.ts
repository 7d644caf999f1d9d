// Which act ends which credentials of a user: one table, and the one function that applies it.
import type { Database } from "../database/tables.ts";
import type { AuditDetails } from "../entities/audit-event.ts";
import { revokeAccessTokensOfUser } from "./access-tokens/ends.ts";
import type { Origin } from "./audit/record.ts";
import { forgetDevicesOf } from "./browsers/known-devices.ts";
import { endChallengesOf } from "./challenges/rows.ts";
import { endTrustedBrowsersOf } from "./factors/trusted-browsers.ts";
import {
  endOneTimeTokensOf,
  linksIntoAccount,
  linksOfPresentEmail,
  type Purpose,
} from "./secrets/one-time-tokens.ts";
import type { Services } from "./services.ts";
import { endSessionsOfUser } from "./sessions/ends.ts";
import { inTransaction } from "./transaction.ts";

interface Ending {
  /** `others`: all but the session of the request, which goes on with a new secret. */
  readonly sessions: "all" | "others" | "none";
  readonly accessTokens: "all" | "none";
  readonly links: "all" | "none" | readonly Purpose[];
  /** Familiar browsers and known devices: they become strangers again, and lose their own budgets. */
  readonly browsers: "all" | "none";
  /** Trust to skip the second step of a login, and logins that wait for it. */
  readonly trust: "all" | "none";
  /** The reason in the recorded events. */
  readonly reason?: string;
}

/**
 * The security model on one screen. Acts that end one credential are not here: a logout ends the session and the token of the
 * request, a revocation the session or access token that it names, a leak report the token that was found.
 */
export const endings = {
  passwordChanged: {
    sessions: "others",
    // The user's scripts go on. To end them too, also change the mail in flows/password-change.ts, which lists what stays.
    accessTokens: "none",
    links: linksIntoAccount,
    browsers: "all",
    trust: "all",
    reason: "PASSWORD_CHANGED",
  },
  // The user has proven the mailbox, not the old password: everything from before ends.
  passwordReset: {
    sessions: "all",
    accessTokens: "all",
    links: linksOfPresentEmail,
    browsers: "all",
    trust: "all",
    reason: "PASSWORD_RESET",
  },
  // A mailed code, or a provider that the operator trusts, opened an account whose email was never proven: a stranger may have made its password and all the rest.
  mailboxProven: {
    sessions: "all",
    accessTokens: "all",
    links: linksOfPresentEmail,
    browsers: "all",
    trust: "all",
    reason: "MAILBOX_PROVEN",
  },
  passwordSetByOperator: {
    sessions: "all",
    accessTokens: "all",
    links: linksIntoAccount,
    browsers: "all",
    trust: "all",
    reason: "PASSWORD_CHANGED",
  },
  // A login within the last ten minutes was required, so sessions go on.
  emailChanged: {
    sessions: "none",
    accessTokens: "none",
    links: linksOfPresentEmail,
    browsers: "none",
    trust: "none",
  },
  // A thief changed the email, and knows the password.
  emailChangeUndone: {
    sessions: "all",
    accessTokens: "all",
    links: linksOfPresentEmail,
    browsers: "all",
    trust: "all",
    reason: "ADDRESS_CHANGE_UNDONE",
  },
  // Reactivation ends the same: a link issued during the deactivation would become valid again.
  deactivated: {
    sessions: "all",
    accessTokens: "all",
    links: "all",
    browsers: "none",
    trust: "all",
    reason: "DEACTIVATED",
  },
  // The rest is deleted with the user's row.
  deleted: {
    sessions: "all",
    accessTokens: "all",
    links: "all",
    browsers: "none",
    trust: "all",
    reason: "ACCOUNT_DELETED",
  },
  // By the viewer, from another session.
  otherSessionsRevoked: {
    sessions: "others",
    accessTokens: "none",
    links: "none",
    browsers: "none",
    trust: "none",
  },
  // By an administrator or an operator. The user has lost a factor: its finder must be logged out, also one whose login has proven
  // it at this moment. That login is of the earlier generation, which `browsers` raises.
  secondFactorsReset: {
    sessions: "all",
    accessTokens: "none",
    links: "none",
    browsers: "all",
    trust: "all",
    reason: "SECOND_FACTORS_RESET",
  },
  // By an administrator or an operator. The provider's account may be stolen: a login with it that is on its way ends too.
  identityRemoved: {
    sessions: "all",
    accessTokens: "none",
    // The thief may have asked for a change of the email.
    links: "all",
    browsers: "all",
    trust: "all",
    reason: "IDENTITY_REMOVED",
  },
  // By the user. Its finder may be logged in, and a login with it that waits for its second step must not go on.
  identityUnlinked: {
    sessions: "others",
    accessTokens: "none",
    links: "none",
    browsers: "none",
    trust: "all",
    reason: "IDENTITY_REMOVED",
  },
  // By an administrator or an operator.
  sessionsRevoked: { sessions: "all", accessTokens: "none", links: "none", browsers: "none", trust: "all" },
} as const satisfies Record<string, Ending>;

export type Act = keyof typeof endings;

/**
 * Ends the credentials and records it, in the transaction of the act. Call it through `changeUser`, which clears the cached
 * viewers after the commit. `keptSessionId`: the session that goes on, for acts that end the others. Returns how many sessions
 * were ended.
 */
export async function endCredentials(
  transaction: Database,
  act: Act,
  { userId, keptSessionId }: { readonly userId: string; readonly keptSessionId?: string | undefined },
  origin: Origin,
): Promise<number> {
  const { sessions, accessTokens, links, browsers, trust, reason }: Ending = endings[act];
  const details: AuditDetails = { ...origin.details, ...(reason !== undefined && { reason }) };
  const because = { ...origin, details };
  if (sessions === "others" && keptSessionId === undefined)
    throw new Error(`endCredentials() needs the session that goes on after ${act}.`);
  // Access tokens before sessions, as a logout with both does: the other order would be a deadlock.
  if (accessTokens === "all") await revokeAccessTokensOfUser(transaction, userId, because);
  const count =
    sessions === "none" ? 0 : await endSessionsOfUser(transaction, { userId, keptSessionId }, because);
  if (links !== "none") await endOneTimeTokensOf(transaction, userId, links === "all" ? null : links);
  if (browsers === "all") await forgetDevicesOf(transaction, userId);
  if (trust === "all") {
    await endTrustedBrowsersOf(transaction, userId);
    await endChallengesOf(transaction, userId);
  }
  return count;
}

/**
 * One transaction that changes a user. Afterwards, committed or not, this server's cache returns no stale viewer of the user; the
 * database notifies the other servers.
 */
export async function changeUser<Value>(
  { database, viewers }: Pick<Services, "database" | "viewers">,
  userId: string,
  change: (transaction: Database) => Promise<Value>,
): Promise<Value> {
  try {
    return await inTransaction(database, change);
  } finally {
    viewers.forget(userId);
  }
}
