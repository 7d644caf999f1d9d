// Gives a session a new secret once its user has proven the password or a second factor.
import { sql } from "kysely";
import type { Database } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { invalidCredentials, unauthenticated } from "../../errors.ts";
import { recordEvent } from "../audit/record.ts";
import { rememberDeviceOf } from "../browsers/known-devices.ts";
import { makeToken, randomSecret } from "../secrets/secret.ts";
import { lockUser } from "../users/locks.ts";
import type { PersonalViewer } from "../viewer/viewer.ts";
import { lifetimesOf } from "./lifetimes.ts";
import { lockSessionsOf, renewedSession } from "./rows.ts";
import type { SessionContext } from "./start.ts";

export interface RenewalContext extends SessionContext {
  readonly token: string | null;
}

/** The credential of the request, and its replacement of the same kind. */
export interface Renewal {
  readonly userId: string;
  readonly sessionId: string;
  readonly asking: { readonly half: "token_digest" | "cookie_digest"; readonly secret: string };
  readonly cookieSecret: string | null;
  readonly token: string | null;
}

/** The new credential. The token is null for a cookie, which goes into a header. */
export interface RenewedCredential {
  readonly token: string | null;
  readonly expiresAt: Date;
}

/** Creates the new secret. The session's other credential gets none, and so ends: a thief may have it. */
export function prepareRenewal(
  { services, exchange, token }: RenewalContext,
  { userId, sessionId }: PersonalViewer,
): Renewal {
  // A token takes precedence over a cookie.
  if (token !== null) {
    const asking = { half: "token_digest", secret: token } as const;
    return { userId, sessionId, asking, cookieSecret: null, token: makeToken("gws_") };
  }
  const secret = services.sessionCookies.findSecret(exchange.request);
  if (secret === null)
    throw new Error("prepareRenewal() was called for a request without a session's credential.");
  return {
    userId,
    sessionId,
    asking: { half: "cookie_digest", secret },
    cookieSecret: randomSecret(),
    token: null,
  };
}

/**
 * Locks the rows of the user and the sessions. Throws UNAUTHENTICATED when the session has ended, because an ended session must
 * not start another; of two requests with one secret, only one succeeds. Throws INVALID_CREDENTIALS when the password was changed
 * after the check.
 */
export async function lockForRenewal(
  transaction: Database,
  { userId, sessionId, asking }: Renewal,
  provenGeneration: number,
): Promise<void> {
  const account = await lockUser(transaction, userId);
  if (account === undefined) throw unauthenticated();
  if ((await lockSessionsOf(transaction, userId, asking)) !== sessionId) throw unauthenticated();
  if (account.generation !== provenGeneration) throw invalidCredentials();
}

/** Keeps the row, so that whatever ends the session at this moment ends it under either secret. Returns the new expiry. */
export async function renewSession(
  transaction: Database,
  { services, client }: SessionContext,
  { userId, sessionId, cookieSecret, token }: Renewal,
  { hasSecondFactor }: { readonly hasSecondFactor: boolean },
): Promise<Date> {
  await transaction
    .updateTable("users")
    .set({ last_login_at: sql<Date>`now()` })
    .where("id", "=", userId)
    .execute();
  const { expiresAt } = await transaction
    .updateTable("sessions")
    .set(renewedSession({ cookieSecret, token, hasSecondFactor, client, lifetimes: services.lifetimes }))
    .where("id", "=", sessionId)
    .returning("idle_expires_at as expiresAt")
    .executeTakeFirstOrThrow();
  const type = AuditEventType.REAUTHENTICATED;
  await recordEvent(transaction, { type, userId, actorId: userId, sessionId, client });
  await rememberDeviceOf(transaction, { keys: services.deviceKeys, userId, client });
  return expiresAt;
}

/** Call it after the commit. */
export async function deliverRenewal(
  { services, exchange }: SessionContext,
  { cookieSecret, token }: Renewal,
  expiresAt: Date,
): Promise<RenewedCredential> {
  const lifetime = lifetimesOf(services.lifetimes, { hasToken: false }).absolute;
  if (cookieSecret !== null) await services.sessionCookies.setCookie(exchange, cookieSecret, lifetime);
  return { token, expiresAt };
}
