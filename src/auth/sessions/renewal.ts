// How a session goes on under a new secret, once its user has proven the password.
import type { Database } from "../../database/tables.ts";
import { invalidCredentials, unauthenticated } from "../../errors.ts";
import { makeToken } from "../secrets/secret.ts";
import { lockAccount } from "../users/locks.ts";
import type { PersonalViewer } from "../viewer/viewer.ts";
import { endImpersonationsOf } from "./ends.ts";
import { livesOf } from "./lifetimes.ts";
import { lockSessionsOf } from "./rows.ts";
import { type SessionEnvironment, writeSession } from "./start.ts";

interface RenewalEnvironment extends SessionEnvironment {
  readonly token: string | null;
}

interface Renewal {
  /** Why the impersonation ends that the old secret has begun. */
  readonly reason: "REPLACED" | "PASSWORD_CHANGED";
  /** Goes before, in the same transaction. The hash that the account must have then. */
  readonly prepare: (transaction: Database) => Promise<string>;
}

/** The credential that made the request, new. The token is null for a cookie, which travels by itself. */
export interface RenewedCredential {
  readonly token: string | null;
  readonly expiresAt: Date;
}

/**
 * Gives the session a new secret, of the half that made the request: the other half ends, as it may be where its thief is. The
 * row stays the same one: whatever ends the session at this moment ends it under either secret, and one that has ended begins
 * no other. Of two requests under one secret one gets the new one. Throws UNAUTHENTICATED when the session has ended,
 * INVALID_CREDENTIALS when the password has changed.
 */
export const renewSession = async (
  environment: RenewalEnvironment,
  { userId, sessionId }: PersonalViewer,
  { reason, prepare }: Renewal,
): Promise<RenewedCredential> => {
  const { database, cookies, exchange, client, viewers } = environment;
  const asking = askingSecret(environment);
  const token = asking.half === "token_digest" ? makeToken("gws_") : null;
  const renew = (cookieSecret: string | null) =>
    database.transaction().execute(async (transaction) => {
      if ((await lockAccount(transaction, userId)) === undefined) throw unauthenticated();
      if ((await lockSessionsOf(transaction, userId, asking)) !== sessionId) throw unauthenticated();
      await endImpersonationsOf(transaction, sessionId, { actorId: userId, client, details: { reason } });
      const hash = await prepare(transaction);
      const hashes = { verifiedHash: hash, newHash: hash };
      const renewal = { userId, ...hashes, cookieSecret, token, renewedId: sessionId };
      const renewed = await writeSession({ ...environment, database: transaction }, renewal);
      if (renewed === null) throw invalidCredentials();
      return renewed;
    });
  const life = livesOf({ hasToken: token !== null }).absolute;
  try {
    const renewed = token === null ? await cookies.renew(exchange, life, renew) : await renew(null);
    // Ended in the moment between the commit and the cookie.
    if (renewed === null) throw unauthenticated();
    return { token, expiresAt: renewed.expiresAt };
  } finally {
    viewers.forget(userId);
  }
};

/** The token decides, where both came. */
const askingSecret = ({ token, cookies, exchange }: RenewalEnvironment) => {
  if (token !== null) return { half: "token_digest", secret: token } as const;
  const secret = cookies.findSecret(exchange.request);
  if (secret === null)
    throw new Error("renewSession() was called for a request without a session's credential.");
  return { half: "cookie_digest", secret } as const;
};
