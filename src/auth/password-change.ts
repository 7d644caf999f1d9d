// What a viewer does with the own password: proves once more to know it, or replaces it.
import { AuditEventType } from "../entities/audit-event-type.ts";
import { badUserInput, invalidCredentials } from "../errors.ts";
import { listAccessTokens } from "./access-tokens.ts";
import { recordEvent } from "./audit.ts";
import type { Context } from "./context.ts";
import { forgetDevicesOf } from "./known-devices.ts";
import { startSession } from "./login.ts";
import { endOneTimeTokensOf, linksIntoAccount } from "./one-time-tokens.ts";
import { enqueueMail } from "./outgoing-mail.ts";
import { hashPassword } from "./password.ts";
import { endSessionsOf, endSessionsOfUser } from "./session-ends.ts";
import { findNewPasswordProblem } from "./text/new-passwords.ts";
import type { PersonalViewer, Viewer } from "./viewer.ts";

/** The credential that made the request, new. The token is null for a cookie, which travels by itself. */
export interface RenewedCredential {
  readonly token: string | null;
  readonly expiresAt: Date;
}

/** Throws INVALID_CREDENTIALS. What was captured before is worthless after: the session is replaced, both halves of it. */
export const reauthenticate = async (
  context: Context,
  viewer: PersonalViewer,
  password: string,
): Promise<RenewedCredential> => {
  const hash = await requireHash(context, viewer, password);
  const renewed = await renew(context, viewer, hash);
  if (context.token !== null) {
    await endSessionsOf(
      context.database,
      { cookieSecret: null, token: context.token },
      {
        type: AuditEventType.SESSION_REVOKED,
        actorId: "owner",
        client: context.client,
        details: { reason: "REPLACED" },
      },
    );
    context.viewers.forget(viewer.userId);
  }
  return renewed;
};

/** Throws INVALID_CREDENTIALS or BAD_USER_INPUT. Ends every session of the account in the transaction of the change. */
export const changePassword = async (
  context: Context,
  viewer: PersonalViewer,
  passwords: { readonly current: string; readonly next: string },
): Promise<RenewedCredential> => {
  const { database, client } = context;
  const { userId, user } = viewer;
  const oldHash = await requireHash(context, viewer, passwords.current);
  const problem = await findNewPasswordProblem(passwords.next, user, context.accounts.passwordPolicy);
  if (problem) throw badUserInput([{ ...problem, field: "newPassword" }]);
  const newHash = await hashPassword(passwords.next);

  await database.transaction().execute(async (transaction) => {
    const { numUpdatedRows } = await transaction
      .updateTable("users")
      .set({ password_hash: newHash })
      .where("id", "=", userId)
      .where("password_hash", "=", oldHash)
      .executeTakeFirst();
    // It was changed, by somebody else perhaps, while we were hashing.
    if (numUpdatedRows !== 1n) throw invalidCredentials();
    const origin = { actorId: userId, client };
    await endSessionsOfUser(transaction, userId, { ...origin, details: { reason: "PASSWORD_CHANGED" } });
    await endOneTimeTokensOf(transaction, userId, linksIntoAccount);
    await forgetDevicesOf(transaction, userId);
    await recordEvent(transaction, { ...origin, type: AuditEventType.PASSWORD_CHANGED, userId });
    const accessTokens = (await listAccessTokens(transaction, userId)).map(({ name }) => name);
    await enqueueMail(transaction, { template: "password-changed", userId, accessTokens });
  });
  context.viewers.forget(userId);
  return renew(context, viewer, newHash);
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

/** Only the half that made the request: the other may be where its thief is. */
const renew = async (context: Context, { userId }: Viewer, hash: string): Promise<RenewedCredential> => {
  const wantsToken = context.token !== null;
  const renewed = await startSession(context, {
    userId,
    verifiedHash: hash,
    newHash: hash,
    wantsToken,
    wantsCookie: !wantsToken,
    event: AuditEventType.REAUTHENTICATED,
  });
  if (renewed === null) throw invalidCredentials();
  return { token: renewed.token, expiresAt: renewed.expiresAt };
};
