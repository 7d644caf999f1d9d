// Logs in with a password: find the user, spend an attempt, check the password, start the session or ask for a second factor.
import type { Database } from "../../database/tables.ts";
import { switchedOff } from "../../errors.ts";
import type { WantedCredentials } from "../challenges/rows.ts";
import type { Context } from "../context.ts";
import { hashPassword, isWeakHash } from "../passwords/hash.ts";
import { startSession } from "../sessions/start.ts";
import { findCanonicalLogin } from "../text/logins.ts";

export interface LoginInput extends WantedCredentials {
  /** The username, or the email if it contains an `@`. */
  readonly username: string;
  readonly password: string;
}

/**
 * Returns null for every failed login, so that neither the caller nor the client learns the reason. Throws RATE_LIMITED for a
 * right password too, and FORBIDDEN when no password opens this service.
 */
export async function logIn(context: Context, input: LoginInput) {
  const { database, familiarBrowsers, attempts, isPasswordLoginOn } = context.services;
  if (!isPasswordLoginOn) throw switchedOff("Login with a password");
  const canonical = findCanonicalLogin(input.username);
  const user = canonical === null ? undefined : await findUser(database, canonical);
  if (user !== undefined) context.onLogin(user.userId);
  // Read even without a user: the time to read many cookies would reveal whether the user exists.
  const browserId = familiarBrowsers.readCookie(context.exchange, user ?? nobody);
  const attempt = await attempts.spend({
    // Canonical form, so that every spelling of a login shares one budget.
    subject: { typed: canonical ?? input.username },
    userId: user?.userId ?? null,
    browser: user === undefined || browserId === null ? null : { userId: user.userId, id: browserId },
    client: context.client,
  });

  // A deactivated user is checked against the dummy hash, so that the time does not differ.
  const hash = user?.isActive ? user.passwordHash : null;
  const isRight = await attempt.check(hash, input.password);
  if (user === undefined || hash === null || !isRight) {
    const withUser = hash === null ? "NOT_ALLOWED" : "WRONG_PASSWORD";
    attempt.recordFailure({ userId: user?.userId ?? null, reason: user ? withUser : "NO_ACCOUNT" });
    return null;
  }

  const proven = { ...user, proven: "PASSWORD", provenAt: "now" } as const;
  const started = await startSession(context, proven, input, attempt.refund);
  if (started === null) {
    attempt.recordFailure({ userId: user.userId, reason: "NOT_ALLOWED" });
    return null;
  }
  // The login has succeeded: a full queue of hashes, or the database, must not undo it. The next login tries again.
  if (isWeakHash(hash)) await strengthenHash(context, user.userId, hash, input.password).catch(ignore);
  if (started.login === null) return started;
  if (input.wantsCookie) familiarBrowsers.setCookie(context.exchange, user);
  await context.services.hooks.afterLogin(user.userId);
  return started;
}

/** Stands for a user that does not exist. */
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
  // No username contains an @.
  if (!canonical.includes("@")) return query.where("canonical_username", "=", canonical).executeTakeFirst();
  // Only a verified email: otherwise a stranger could register with an email, and see from the login whether it was free.
  const proven = query.where("email_verified_at", "is not", null);
  return proven.where("canonical_email", "=", canonical).executeTakeFirst();
};

/** Only while the stored hash is the one that was checked: a password that was changed meanwhile stays changed. */
const strengthenHash = async (
  { services }: Context,
  userId: string,
  weakHash: string,
  password: string,
): Promise<void> => {
  const passwordHash = await hashPassword(password);
  await services.database
    .updateTable("users")
    .set({ password_hash: passwordHash })
    .where("id", "=", userId)
    .where("password_hash", "=", weakHash)
    .execute();
};

const ignore = (): void => undefined;
