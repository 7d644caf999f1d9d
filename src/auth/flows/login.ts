// Logging in: the checks before a session begins.
import type { Database } from "../../database/tables.ts";
import type { DeviceCookies } from "../browsers/trusted-browser.ts";
import type { PasswordAttempts } from "../limits/password-attempts.ts";
import { hashPassword, isWeakHash } from "../passwords/hash.ts";
import { type SessionEnvironment, startSession } from "../sessions/start.ts";
import { findCanonicalLogin } from "../text/logins.ts";

export interface LoginInput {
  /** The username, or the e-mail address when it holds an `@`. */
  readonly username: string;
  readonly password: string;
  readonly wantsCookie: boolean;
  readonly wantsToken: boolean;
}

/** Stands for the account that is not there. */
const nobody = { userId: "00000000-0000-0000-0000-000000000000", generation: 0 };

export interface LoginEnvironment extends SessionEnvironment {
  readonly attempts: PasswordAttempts;
  readonly devices: DeviceCookies;
}

/**
 * Null for every reason why a login can fail: the caller cannot tell them apart, nor can the client. Throws RATE_LIMITED,
 * for a right password as for a wrong one.
 */
export const logIn = async (environment: LoginEnvironment, input: LoginInput) => {
  const { devices, exchange, client } = environment;
  const canonical = findCanonicalLogin(input.username);
  const account = canonical === null ? undefined : await findAccount(environment.database, canonical);
  // Looked for without an account too: reading many cookies takes long enough to tell.
  const owner =
    account === undefined ? nobody : { userId: account.id, generation: account.device_generation };
  const deviceId = devices.find(exchange.request, owner);
  const charge = await environment.attempts.charge({
    // One spelling for all that find the same account; what can be no name has as many as it likes.
    subject: { typed: canonical ?? input.username },
    device: account === undefined || deviceId === null ? null : { userId: account.id, id: deviceId },
    client,
  });
  // A deactivated account is checked against the dummy, so that it takes as long as the others.
  const hash = account?.is_active ? account.password_hash : null;
  const matches = await charge.verify(hash, input.password);
  if (!matches || canonical === null || account === undefined || hash === null) {
    const withAccount = hash === null ? "NOT_ALLOWED" : "WRONG_PASSWORD";
    charge.fail({ userId: account?.id ?? null, reason: account === undefined ? "NO_ACCOUNT" : withAccount });
    return null;
  }

  const login = await startSession(environment, {
    userId: account.id,
    verifiedHash: hash,
    newHash: isWeakHash(hash) ? await hashPassword(input.password) : hash,
    async findNewerHash() {
      const newer = (await findAccount(environment.database, canonical))?.password_hash ?? null;
      return newer !== null && (await charge.verify(newer, input.password)) ? newer : null;
    },
    wantsCookie: input.wantsCookie,
    wantsToken: input.wantsToken,
  });
  if (login === null) {
    charge.fail({ userId: account.id, reason: "NOT_ALLOWED" });
    return null;
  }
  await charge.forgive();
  if (input.wantsCookie) devices.leave(exchange, owner);
  return login;
};

const findAccount = (database: Database, canonical: string) => {
  const query = database
    .selectFrom("users")
    .select(["id", "password_hash", "is_active", "device_generation"]);
  // No username holds an @.
  if (!canonical.includes("@")) return query.where("canonical_username", "=", canonical).executeTakeFirst();
  // Only what is proven: otherwise the login would tell whoever registers with a stranger's address whether it was free.
  const proven = query.where("email_verified_at", "is not", null);
  return proven.where("canonical_email", "=", canonical).executeTakeFirst();
};
