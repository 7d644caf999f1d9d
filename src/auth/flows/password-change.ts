// Changes the password, or sets the first one of a user who has logged in without.
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
import { requireRecentSecondFactor, requireRecentSession } from "../sessions/recent-login.ts";
import {
  deliverRenewal,
  lockForRenewal,
  prepareRenewal,
  type RenewedCredential,
  renewSession,
} from "../sessions/renewal.ts";
import { type PersonalViewer, requirePersonal, type Viewer } from "../viewer/viewer.ts";
import { proveOwnPassword } from "./own-account.ts";

export interface PasswordChange {
  readonly viewer: Viewer;
  /** Null: the user has none yet. */
  readonly currentPassword: string | null;
  readonly newPassword: string;
}

/**
 * Throws INVALID_CREDENTIALS, and REAUTHENTICATION_REQUIRED unless a user's second factor was proven recently: a stolen session and
 * password must not be enough to shut the owner out. The first password needs a recent login instead of the current password.
 * `endings` lists what it ends; the session of the request goes on with a new secret.
 */
export async function changePassword(
  context: Context,
  { viewer: caller, currentPassword, newPassword }: PasswordChange,
): Promise<Result<RenewedCredential>> {
  const { services, client, exchange } = context;
  const viewer = requirePersonal(caller);
  const { userId, sessionId } = viewer;
  const { isFirst, provenGeneration } = await prove(context, viewer, currentPassword);
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
    const details = isFirst ? { reason: "FIRST_PASSWORD" } : {};
    await recordEvent(transaction, { ...origin, type: AuditEventType.PASSWORD_CHANGED, userId, details });
    const accessTokens = (await listAccessTokens(transaction, userId)).map(({ name }) => name);
    const template = isFirst ? "password-set" : "password-changed";
    await enqueueMail(transaction, { template, userId, accessTokens });
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

/** A password that is set meanwhile raises the generation, so that nobody replaces it without knowing it. */
const prove = async (
  context: Context,
  viewer: PersonalViewer,
  currentPassword: string | null,
): Promise<{ readonly isFirst: boolean; readonly provenGeneration: number }> => {
  const { services } = context;
  const { userId } = viewer;
  if (currentPassword === null) {
    const account = await services.database
      .selectFrom("users")
      .select("device_generation as generation")
      .where("id", "=", userId)
      .where("is_active", "=", true)
      .where("password_hash", "is", null)
      .executeTakeFirst();
    if (account !== undefined) {
      await requireRecentSession(services.database, services, viewer);
      return { isFirst: true, provenGeneration: account.generation };
    }
  }
  await requireRecentSecondFactor(services.database, services, viewer);
  return {
    isFirst: false,
    provenGeneration: await proveOwnPassword(context, { userId, password: currentPassword }),
  };
};
