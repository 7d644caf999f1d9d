// Ends what a restored backup has brought back: sessions, access tokens, links and trust that were ended or used after the backup.
import type { Database } from "../../database/tables.ts";
import { revokeAllAccessTokens } from "../access-tokens/ends.ts";
import type { Origin } from "../audit/record.ts";
import { endAllChallenges } from "../challenges/rows.ts";
import { endAllTrustedBrowsers } from "../factors/trusted-browsers.ts";
import { cancelAllMail } from "../outgoing-mail.ts";
import { endAllOneTimeTokens } from "../secrets/one-time-tokens.ts";
import { endAllSessions } from "../sessions/ends.ts";

export interface Kept {
  readonly sessions: boolean;
  readonly accessTokens: boolean;
}

export interface Restoration {
  readonly sessions: number;
  readonly accessTokens: number;
  readonly links: number;
  readonly mail: number;
  readonly trustedBrowsers: number;
  readonly pendingLogins: number;
}

/**
 * The database cannot tell which of them were valid when it was lost, so all of them end. Links end always: a used one would open
 * its account again, and a new one is a request away. So do trusted browsers and logins that wait for a second step, which are a
 * login away, and waiting mail, most of which was sent after the backup.
 */
export async function endWhatCameBack(database: Database, origin: Origin, kept: Kept): Promise<Restoration> {
  const because = { ...origin, details: { ...origin.details, reason: "RESTORED" } };
  // Mail first: a worker would issue links for it.
  const mail = await cancelAllMail(database);
  const links = await endAllOneTimeTokens(database);
  const accessTokens = kept.accessTokens ? 0 : await revokeAllAccessTokens(database, because);
  const sessions = kept.sessions ? 0 : await endAllSessions(database, because);
  const trustedBrowsers = await endAllTrustedBrowsers(database);
  const pendingLogins = await endAllChallenges(database);
  return { sessions, accessTokens, links, mail, trustedBrowsers, pendingLogins };
}
