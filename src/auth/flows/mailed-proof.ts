// Proves the user of a running session by a mailed code, for a user who has neither a password nor a second factor.
import { invalidCredentials } from "../../errors.ts";
import { findDeviceName } from "../browsers/device-name.ts";
import { type Asking, acceptSessionCode, insertSessionCode } from "../challenges/mailed-codes.ts";
import type { Context } from "../context.ts";
import { findCanonicalEmail } from "../text/emails.ts";
import type { Client } from "../viewer/client.ts";
import type { PersonalViewer } from "../viewer/viewer.ts";

/** Beyond the budget of mails to this email no mail is sent, and an earlier code stays valid. */
export async function mailSessionCode(
  { services, client }: Context,
  { userId, sessionId, user }: PersonalViewer,
): Promise<void> {
  const { database, mailedCodeKeys, limits } = services;
  if (user.email === null) return;
  const canonicalEmail = findCanonicalEmail(user.email) ?? "";
  // A count of its own: strangers who ask for codes to this email must not keep the session from a proof.
  const mail = { canonicalEmail: `${userId} ${canonicalEmail}`, client, viewerId: userId };
  await limits.withMail(mail, async (mayMail) => {
    if (mayMail)
      await insertSessionCode(database, mailedCodeKeys, { userId, sessionId, ...askingOf(client) });
  });
}

/** Spends an attempt of the user's second factors: only the session itself can ask for this. Throws INVALID_CREDENTIALS. */
export async function proveSessionCode(
  { services, client }: Context,
  { userId, sessionId }: PersonalViewer,
  code: string,
): Promise<void> {
  const { database, mailedCodeKeys, factorAttempts } = services;
  const accept = () => acceptSessionCode(database, mailedCodeKeys, { userId, sessionId, code });
  const verify = async () => ((await accept()) ? true : null);
  if ((await factorAttempts.check({ userId, by: "session", client }, verify)) === null)
    throw invalidCredentials();
}

/** For the mail: a reader who did not ask sees that somebody else did. */
export const askingOf = ({ userAgent, ipAddress }: Client): Asking => ({
  device: findDeviceName(userAgent),
  ipAddress,
});
