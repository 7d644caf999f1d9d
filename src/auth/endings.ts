// What ends what: the table of every act that takes credentials from a user, and the one function that carries it out.
import type { Database } from "../database/tables.ts";
import type { AuditDetails } from "../entities/audit-event.ts";
import { revokeAccessTokensOfUser } from "./access-tokens/ends.ts";
import type { Origin } from "./audit/record.ts";
import { forgetDevicesOf } from "./browsers/known-devices.ts";
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
  /** `others`: all but the one that asks, which goes on under a new secret. */
  readonly sessions: "all" | "others" | "none";
  readonly accessTokens: "all" | "none";
  readonly links: "all" | "none" | readonly Purpose[];
  /** Trusted browsers and known devices: strangers again, and budgets of their own are gone. */
  readonly browsers: "all" | "none";
  /** Of the events that record it. */
  readonly reason?: string;
}

/**
 * The security model on one screen. Acts that end one credential are not here: a logout ends the session and the token that made
 * the request, a revocation the session or access token that it names, a reported leak the one that was found.
 */
export const endings = {
  passwordChanged: {
    sessions: "others",
    // Scripts of the user go on; the mail names them.
    accessTokens: "none",
    links: linksIntoAccount,
    browsers: "all",
    reason: "PASSWORD_CHANGED",
  },
  // The user proves the mailbox and not the old password: everything that was set up before ends.
  passwordReset: {
    sessions: "all",
    accessTokens: "all",
    links: linksOfPresentEmail,
    browsers: "all",
    reason: "PASSWORD_RESET",
  },
  passwordSetByOperator: {
    sessions: "all",
    accessTokens: "all",
    links: linksIntoAccount,
    browsers: "all",
    reason: "PASSWORD_CHANGED",
  },
  // A login of the last ten minutes asked for it: sessions go on.
  emailChanged: { sessions: "none", accessTokens: "none", links: linksOfPresentEmail, browsers: "none" },
  // A thief changed the email, and knows the password.
  emailChangeUndone: {
    sessions: "all",
    accessTokens: "all",
    links: linksOfPresentEmail,
    browsers: "all",
    reason: "ADDRESS_CHANGE_UNDONE",
  },
  // Reactivation ends the same: a link that was being issued during the deactivation would be there again.
  deactivated: {
    sessions: "all",
    accessTokens: "all",
    links: "all",
    browsers: "none",
    reason: "DEACTIVATED",
  },
  // The rest goes with the row of the user.
  deleted: {
    sessions: "all",
    accessTokens: "all",
    links: "all",
    browsers: "none",
    reason: "ACCOUNT_DELETED",
  },
  // By the viewer, of their other devices.
  otherSessionsRevoked: { sessions: "others", accessTokens: "none", links: "none", browsers: "none" },
  // By an administrator or an operator.
  sessionsRevoked: { sessions: "all", accessTokens: "none", links: "none", browsers: "none" },
} as const satisfies Record<string, Ending>;

export type Act = keyof typeof endings;

/**
 * Ends what the act ends, and records it, in the transaction of the act. Call it through `changeUser`, which forgets the viewers
 * after the commit. `keptSessionId`: the session that goes on, for acts that end the others. Returns how many sessions were ended.
 */
export async function endCredentials(
  transaction: Database,
  act: Act,
  { userId, keptSessionId }: { readonly userId: string; readonly keptSessionId?: string | undefined },
  origin: Origin,
): Promise<number> {
  const { sessions, accessTokens, links, browsers, reason }: Ending = endings[act];
  const details: AuditDetails = { ...origin.details, ...(reason !== undefined && { reason }) };
  const because = { ...origin, details };
  if (sessions === "others" && keptSessionId === undefined)
    throw new Error(`endCredentials() needs the session that goes on after ${act}.`);
  const count =
    sessions === "none" ? 0 : await endSessionsOfUser(transaction, { userId, keptSessionId }, because);
  if (accessTokens === "all") await revokeAccessTokensOfUser(transaction, userId, because);
  if (links !== "none") await endOneTimeTokensOf(transaction, userId, links === "all" ? null : links);
  if (browsers === "all") await forgetDevicesOf(transaction, userId);
  return count;
}

/**
 * One transaction that changes a user. Afterwards, committed or not, nothing old is served from the cache of viewers here; other
 * servers hear of it from the database.
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
