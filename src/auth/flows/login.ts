// Logging in: find the user, spend an attempt, check the password, start the session.
import type { Database } from "../../database/tables.ts";
import type { Context } from "../context.ts";
import { hashPassword, isWeakHash } from "../passwords/hash.ts";
import { startSession } from "../sessions/start.ts";
import { findCanonicalLogin } from "../text/logins.ts";

export interface LoginInput {
  /** The username, or the email when it holds an `@`. */
  readonly username: string;
  readonly password: string;
  readonly wantsCookie: boolean;
  readonly wantsToken: boolean;
}

/**
 * Null for every reason why a login can fail: the caller cannot tell them apart, nor can the client. Throws RATE_LIMITED, for a
 * right password as for a wrong one.
 */
export async function logIn(context: Context, input: LoginInput) {
  const { database, trustedBrowsers, attempts } = context.services;
  const canonical = findCanonicalLogin(input.username);
  const user = canonical === null ? undefined : await findUser(database, canonical);
  // Read without a user too: reading many cookies takes long enough to show whether there is one.
  const browserId = trustedBrowsers.readCookie(context.exchange, user ?? nobody);
  const attempt = await attempts.spend({
    // Canonical form, so that every spelling of a login shares one budget.
    subject: { typed: canonical ?? input.username },
    browser: user === undefined || browserId === null ? null : { userId: user.userId, id: browserId },
    client: context.client,
  });

  // A deactivated user is checked against the dummy hash, so that it takes as long as the others.
  const hash = user?.isActive ? user.passwordHash : null;
  const isRight = await attempt.verify(hash, input.password);
  if (user === undefined || hash === null || !isRight) {
    const withUser = hash === null ? "NOT_ALLOWED" : "WRONG_PASSWORD";
    attempt.recordFailure({ userId: user?.userId ?? null, reason: user ? withUser : "NO_ACCOUNT" });
    return null;
  }

  const login = await startSession(context, user, input);
  if (login === null) {
    attempt.recordFailure({ userId: user.userId, reason: "NOT_ALLOWED" });
    return null;
  }
  await attempt.refund();
  if (isWeakHash(hash)) await strengthenHash(database, user.userId, { hash, password: input.password });
  if (input.wantsCookie) trustedBrowsers.setCookie(context.exchange, user);
  return login;
}

/** Stands for the user that is not there. */
const nobody = { userId: "00000000-0000-0000-0000-000000000000", generation: 0 };

const findUser = (database: Database, canonical: string) => {
  const query = database
    .selectFrom("users")
    .select([
      "id as userId",
      "password_hash as passwordHash",
      "is_active as isActive",
      "device_generation as generation",
    ]);
  // No username holds an @.
  if (!canonical.includes("@")) return query.where("canonical_username", "=", canonical).executeTakeFirst();
  // Only a proven email: otherwise the login would show a stranger who registers with it whether it was free.
  const proven = query.where("email_verified_at", "is not", null);
  return proven.where("canonical_email", "=", canonical).executeTakeFirst();
};

/** Only while the hash is the one that was checked: a password that was changed meanwhile stays changed. */
const strengthenHash = async (
  database: Database,
  userId: string,
  { hash, password }: { readonly hash: string; readonly password: string },
): Promise<void> => {
  // A full queue is no reason to refuse a login that has succeeded: the next one tries again.
  const stronger = await hashPassword(password).catch(() => null);
  if (stronger === null) return;
  await database
    .updateTable("users")
    .set({ password_hash: stronger })
    .where("id", "=", userId)
    .where("password_hash", "=", hash)
    .execute();
};
