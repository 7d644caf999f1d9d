// What a viewer does with the own password: proves once more to know it, or replaces it.
import type { Database } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { badUserInput, invalidCredentials } from "../../errors.ts";
import { listAccessTokens } from "../access-tokens/rows.ts";
import { recordEvent } from "../audit/record.ts";
import { forgetDevicesOf } from "../browsers/known-devices.ts";
import type { Context } from "../context.ts";
import { enqueueMail } from "../outgoing-mail.ts";
import { hashPassword } from "../passwords/hash.ts";
import { findNewPasswordProblem } from "../passwords/policy.ts";
import { endOneTimeTokensOf, linksIntoAccount } from "../secrets/one-time-tokens.ts";
import { endOtherSessionsOfUser } from "../sessions/ends.ts";
import { type RenewedCredential, renewSession } from "../sessions/renewal.ts";
import type { PersonalViewer, Viewer } from "../viewer/viewer.ts";

/** Throws INVALID_CREDENTIALS. What was captured before is worthless after: both halves of the session are replaced. */
export const reauthenticate = async (
  context: Context,
  viewer: PersonalViewer,
  password: string,
): Promise<RenewedCredential> => {
  const hash = await requireHash(context, viewer, password);
  return renewSession(context, viewer, { reason: "REPLACED", prepare: async () => hash });
};

/** Throws INVALID_CREDENTIALS or BAD_USER_INPUT. Ends the other sessions in the transaction of the change. */
export const changePassword = async (
  context: Context,
  viewer: PersonalViewer,
  passwords: { readonly current: string; readonly next: string },
): Promise<RenewedCredential> => {
  const { client, devices, exchange } = context;
  const { userId, sessionId, user } = viewer;
  const oldHash = await requireHash(context, viewer, passwords.current);
  const problem = await findNewPasswordProblem(passwords.next, user, context.accounts.passwordPolicy);
  if (problem) throw badUserInput([{ ...problem, field: "newPassword" }]);
  const newHash = await hashPassword(passwords.next);

  let generation = 0;
  const prepare = async (transaction: Database) => {
    const { numUpdatedRows } = await transaction
      .updateTable("users")
      .set({ password_hash: newHash })
      .where("id", "=", userId)
      .where("password_hash", "=", oldHash)
      .executeTakeFirst();
    // It was changed, by somebody else perhaps, while we were hashing.
    if (numUpdatedRows !== 1n) throw invalidCredentials();
    const origin = { actorId: userId, client };
    await endOtherSessionsOfUser(
      transaction,
      { userId, sessionId },
      { ...origin, type: AuditEventType.SESSION_REVOKED, details: { reason: "PASSWORD_CHANGED" } },
    );
    await endOneTimeTokensOf(transaction, userId, linksIntoAccount);
    generation = await forgetDevicesOf(transaction, userId);
    await recordEvent(transaction, { ...origin, type: AuditEventType.PASSWORD_CHANGED, userId });
    const accessTokens = (await listAccessTokens(transaction, userId)).map(({ name }) => name);
    await enqueueMail(transaction, { template: "password-changed", userId, accessTokens });
    return newHash;
  };
  const renewed = await renewSession(context, viewer, { reason: "PASSWORD_CHANGED", prepare });
  const wasKnown = devices.find(exchange.request, { userId, generation: generation - 1 }) !== null;
  // An app without cookies has no use for one.
  if (renewed.token === null || wasKnown) devices.leave(exchange, { userId, generation });
  return renewed;
};

/** Whoever found an open browser guesses here: charged as a login is, but not to the owner's logins. */
const requireHash = async (
  { database, attempts, client }: Context,
  { userId }: Viewer,
  password: string,
): Promise<string> => {
  const charge = await attempts.charge({ subject: { userId }, device: null, client });
  const account = await database
    .selectFrom("users")
    .select("password_hash")
    .where("id", "=", userId)
    .executeTakeFirst();
  const hash = account?.password_hash ?? null;
  if (!(await charge.verify(hash, password)) || hash === null) {
    charge.fail({ userId, reason: "WRONG_PASSWORD" });
    throw invalidCredentials();
  }
  await charge.forgive();
  return hash;
};
