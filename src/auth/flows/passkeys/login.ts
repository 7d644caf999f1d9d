// Logs in with a passkey, which says itself whose it is. It checks its user, so it is both factors.
import { randomBytes } from "node:crypto";
import type { PublicKeyCredentialRequestOptionsJSON } from "@simplewebauthn/server";
import { AuditEventType } from "../../../entities/audit-event-type.ts";
import { invalidPendingLogin } from "../../../errors.ts";
import { insertPasskeyLogin, takePasskeyLogin } from "../../challenges/passkey-challenges.ts";
import type { WantedCredentials } from "../../challenges/rows.ts";
import type { Context } from "../../context.ts";
import { requestOptions } from "../../passkeys/options.ts";
import { requirePasskeys } from "../../passkeys/relying-party.ts";
import { judgePasskey } from "../../passkeys/use.ts";
import { makeToken, randomSecret } from "../../secrets/secret.ts";
import { startSession } from "../../sessions/start.ts";
import type { Client } from "../../viewer/client.ts";

export interface StartedPasskeyLogin {
  readonly pendingToken: string;
  readonly options: PublicKeyCredentialRequestOptionsJSON;
  readonly expiresAt: Date;
}

/** Throws FORBIDDEN when there are no passkeys here. */
export async function startPasskeyLogin({ services, exchange }: Context): Promise<StartedPasskeyLogin> {
  const relyingParty = requirePasskeys(services.relyingParty);
  const pendingToken = makeToken("gwp_");
  const challenge = randomBytes(32);
  // A login page in one tab must not end the second step that waits in another.
  const browserSecret = services.pendingCookie.read(exchange.request) ?? randomSecret();
  const expiresAt = await insertPasskeyLogin(services.database, { pendingToken, browserSecret, challenge });
  services.pendingCookie.set(exchange, browserSecret);
  return { pendingToken, options: requestOptions(relyingParty, { challenge, allowed: [] }), expiresAt };
}

/**
 * Returns null for every passkey that is not accepted. Throws INVALID_TOKEN for a login that is not waiting, or was begun by another
 * browser and is to set a cookie; and FORBIDDEN when there are no passkeys here.
 */
export async function loginWithPasskey(
  context: Context,
  {
    pendingToken,
    response,
    ...wanted
  }: WantedCredentials & { readonly pendingToken: string; readonly response: unknown },
) {
  const { services, client, exchange } = context;
  const { database } = services;
  const relyingParty = requirePasskeys(services.relyingParty);
  const browserSecret = services.pendingCookie.read(exchange.request);
  const presented = { pendingToken, browserSecret, wantsCookie: wanted.wantsCookie };
  const challenge = await takePasskeyLogin(database, presented);
  if (challenge === null) throw invalidPendingLogin();

  const parts = { database, relyingParty, client };
  const { owner, isRight } = await judgePasskey(parts, { response, challenge, userId: null });
  if (owner !== null) context.onLogin(owner.userId);
  if (owner === null || !isRight) {
    services.refusals.record(wrongPasskey(owner?.userId ?? null, client));
    return null;
  }

  const started = await startSession(context, { ...owner, proven: "SECOND_FACTOR", provenAt: "now" }, wanted);
  if (started?.login == null) return null;
  if (wanted.wantsCookie) {
    services.familiarBrowsers.setCookie(exchange, owner);
    services.pendingCookie.clear(exchange);
  }
  await services.hooks.afterLogin(owner.userId);
  return started;
}

const wrongPasskey = (userId: string | null, client: Client) => ({
  type: AuditEventType.LOGIN_FAILED,
  userId,
  actorId: null,
  client,
  details: { reason: "WRONG_PASSKEY" },
});
