// Changes the password.
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { done, type Result, refused } from "../../errors.ts";
import { listAccessTokens } from "../access-tokens/rows.ts";
import { recordEvent } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { changeUser, endCredentials } from "../endings.ts";
import { enqueueMail } from "../outgoing-mail.ts";
import { hashPassword } from "../passwords/hash.ts";
import { findNewPasswordProblem } from "../passwords/policy.ts";
import { endImpersonationsOf } from "../sessions/ends.ts";
import { requireRecentSecondFactor } from "../sessions/recent-login.ts";
import {
  deliverRenewal,
  lockForRenewal,
  prepareRenewal,
  type RenewedCredential,
  renewSession,
} from "../sessions/renewal.ts";
import { requirePersonal, type Viewer } from "../viewer/viewer.ts";
import { proveOwnPassword } from "./own-account.ts";

export interface PasswordChange {
  readonly viewer: Viewer;
  readonly currentPassword: string;
  readonly newPassword: string;
}

/**
 * Throws INVALID_CREDENTIALS, and REAUTHENTICATION_REQUIRED unless a user's second factor was proven recently: a stolen session and
 * password must not be enough to shut the owner out. `endings` lists what it ends; the session of the request goes on with a
 * new secret.
 */
export async function changePassword(
  context: Context,
  { viewer: caller, currentPassword, newPassword }: PasswordChange,
): Promise<Result<RenewedCredential>> {
  const { services, client, exchange } = context;
  const viewer = requirePersonal(caller);
  const { userId, sessionId } = viewer;
  await requireRecentSecondFactor(services.database, viewer);
  const provenGeneration = await proveOwnPassword(context, { userId, password: currentPassword });
  const problem = await findNewPasswordProblem(newPassword, viewer.user, services.passwordPolicy);
  if (problem) return refused({ ...problem, field: "newPassword" });
  const passwordHash = await hashPassword(newPassword);
  const renewal = prepareRenewal(context, viewer);

  const expiresAt = await changeUser(services, userId, async (transaction) => {
    await lockForRenewal(transaction, renewal, provenGeneration);
    await transaction
      .updateTable("users")
      .set({ password_hash: passwordHash })
      .where("id", "=", userId)
      .execute();
    const origin = { actorId: userId, client };
    await endImpersonationsOf(transaction, sessionId, {
      ...origin,
      details: { reason: "PASSWORD_CHANGED" },
    });
    const user = { userId, keptSessionId: sessionId };
    await endCredentials(transaction, "passwordChanged", user, origin);
    await recordEvent(transaction, { ...origin, type: AuditEventType.PASSWORD_CHANGED, userId });
    const accessTokens = (await listAccessTokens(transaction, userId)).map(({ name }) => name);
    await enqueueMail(transaction, { template: "password-changed", userId, accessTokens });
    return renewSession(transaction, context, renewal, { hasSecondFactor: false });
  });
  const renewed = await deliverRenewal(context, renewal, expiresAt);

  const before = { userId, generation: provenGeneration };
  const wasFamiliar = services.familiarBrowsers.readCookie(exchange, before) !== null;
  // An app without cookies does not need one.
  if (renewed.token === null || wasFamiliar)
    services.familiarBrowsers.setCookie(exchange, { userId, generation: provenGeneration + 1 });
  return done(renewed);
}
