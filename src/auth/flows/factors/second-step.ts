// Completes a login whose first proof was right: with a code, a recovery code or a passkey.
import { transact } from "../../../database/transaction.ts";
import { AuditEventType } from "../../../entities/audit-event-type.ts";
import { invalidPendingLogin } from "../../../errors.ts";
import { recordEvent } from "../../audit/record.ts";
import { takeSecondStepChallenge } from "../../challenges/passkey-challenges.ts";
import { endChallenge, tryChallenge } from "../../challenges/rows.ts";
import type { Context } from "../../context.ts";
import { trustBrowser } from "../../factors/trusted-browsers.ts";
import { randomSecret } from "../../secrets/secret.ts";
import { type ProvenUser, startSession } from "../../sessions/start.ts";
import { type PresentedProofs, proveSecondFactor, requireOneProof } from "./proof.ts";

export interface SecondStep extends PresentedProofs {
  readonly pendingToken: string;
  /** Whether this browser may leave the second step out from now on. */
  readonly trustsBrowser: boolean;
}

/**
 * Throws INVALID_TOKEN for a login that is no longer waiting, INVALID_CREDENTIALS for a wrong proof, and RATE_LIMITED. Returns
 * null when the user was deactivated, or the credentials changed, after the first proof.
 */
export async function completeLogin(
  context: Context,
  { pendingToken, trustsBrowser, ...proofs }: SecondStep,
) {
  const { services, exchange } = context;
  const proof = requireOneProof(proofs);
  const browserSecret = services.pendingCookie.read(exchange.request);
  const presented = { purpose: "second-step", pendingToken, browserSecret } as const;
  const challenge = await tryChallenge(services.database, presented);
  if (challenge?.userId == null || challenge.generation === null) throw invalidPendingLogin();
  const { id, userId, generation, wantsCookie, wantsToken } = challenge;
  context.onLogin(userId);
  const takeChallenge = () => takeSecondStepChallenge(services.database, challenge);
  await proveSecondFactor(context, { userId, by: "login" }, proof, takeChallenge);
  // Two right proofs at the same moment are one login.
  if (!(await endChallenge(services.database, id))) throw invalidPendingLogin();

  const user = { userId, generation, proven: "SECOND_FACTOR", provenAt: "now" } as const;
  const started = await startSession(context, user, { wantsCookie, wantsToken });
  if (started?.login == null) return started;
  if (wantsCookie) {
    services.familiarBrowsers.setCookie(exchange, user);
    if (trustsBrowser) await trustThisBrowser(context, user);
  }
  services.pendingCookie.clear(exchange);
  await services.hooks.afterLogin(userId);
  return started;
}

/** A new secret each time: one that an attacker has planted or copied must not become trusted. */
const trustThisBrowser = async (
  { services, client, exchange }: Context,
  { userId, generation }: ProvenUser,
): Promise<void> => {
  const { database, trustedBrowserCookie } = services;
  const secret = randomSecret();
  const earlierSecret = trustedBrowserCookie.read(exchange.request);
  const isTrusted = await transact(database, async (transaction) => {
    if (!(await trustBrowser(transaction, { userId, generation, secret, earlierSecret, client })))
      return false;
    const type = AuditEventType.TRUSTED_BROWSER_ADDED;
    await recordEvent(transaction, { type, userId, actorId: userId, client });
    return true;
  });
  if (isTrusted) trustedBrowserCookie.set(exchange, secret);
};
