// docs/reference/endings.md: which act ends which credentials, from the table that the acts use.
import { type Act, endings } from "../../src/auth/endings.ts";
import { page, table } from "./page.ts";

const acts: Readonly<Record<Act, string>> = {
  passwordChanged: "`changePassword`",
  passwordReset: "`resetPassword`, and the link of an invitation",
  mailboxProven:
    "the first `loginWithCode` to an account whose email was never proven, which removes the password too; and the first login with a provider that has `trustEmail`",
  passwordSetByOperator: "`graphward user password`",
  emailChanged: "`confirmEmailChange`, and `updateUser` with a new email",
  emailChangeUndone: "`undoEmailChange`",
  deactivated: "`deactivateUser`, `graphward user deactivate`; `reactivateUser` ends the same again",
  deleted: "`deleteAccount`",
  otherSessionsRevoked: "`revokeOtherSessions`",
  secondFactorsReset: "`resetSecondFactors`, `graphward user reset-second-factors`",
  identityRemoved: "`unlinkIdentityOf`, `graphward user unlink-identity`",
  identityUnlinked: "`unlinkIdentity`",
  sessionsRevoked: "`revokeSessions`, `graphward session revoke`",
};

export function endingsPage(): string {
  const rows = (Object.keys(endings) as Act[]).map((act) => {
    const { sessions, accessTokens, links, browsers, trust } = endings[act];
    const shownLinks = typeof links === "string" ? links : links.map((link) => `\`${link}\``).join(", ");
    return [acts[act], sessions, accessTokens, shownLinks, browsers, trust].map((text) =>
      text === "none" ? "-" : text,
    );
  });
  return page("What ends what", "`src/auth/endings.ts`", [
    "An act ends these credentials in its own transaction, and `test/auth/endings.test.ts` performs every row. `others`: all sessions but the one that asks, which goes on under a new secret after `changePassword`. Links are those of mails, by their purpose. A familiar browser is one that has logged in to the account before. A trusted browser is one that may leave out the second step of a login; with it end the logins that wait for their second step.",
    table(["act", "sessions", "access tokens", "links", "familiar browsers", "trusted browsers"], rows),
    "Other acts end one credential. `logout` ends the session and the access token that the request carries. `logoutEverywhere` ends every session, and trust in browsers. `revokeSession`, `revokeAccessToken` and `reportLeakedToken` end the one that they name. A login that sets a cookie ends the session of the cookie that came with it.",
  ]);
}
