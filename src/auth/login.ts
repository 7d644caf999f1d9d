// Logging in and out: the checks, and the one statement in which a session begins.
import { sql } from "kysely";
import type { Database } from "../database/tables.ts";
import { AuditEventType } from "../entities/audit-event-type.ts";
import type { AccountSettings } from "./account-settings.ts";
import { eventColumns, selectEvent } from "./audit.ts";
import type { Client } from "./client.ts";
import type { DeviceCookies } from "./device-cookie.ts";
import { rememberDevice } from "./known-devices.ts";
import { hashPassword, isWeakHash } from "./password.ts";
import type { PasswordAttempts } from "./password-attempts.ts";
import { makeToken } from "./secret.ts";
import type { Exchange, SessionCookies } from "./session-cookie.ts";
import { makeRoomForSession } from "./session-ends.ts";
import { livesOf, sessionsPerUserAtMost } from "./session-lives.ts";
import { countSessions, newSession, newSessionColumns } from "./sessions.ts";
import { findCanonicalLogin } from "./text/logins.ts";
import { userColumns } from "./viewer.ts";
import type { ViewerLookup } from "./viewer-lookup.ts";

export interface LoginInput {
  /** The username, or the e-mail address when it holds an `@`. */
  readonly username: string;
  readonly password: string;
  readonly wantsCookie: boolean;
  readonly wantsToken: boolean;
}

/** Stands for the account that is not there. */
const nobody = "00000000-0000-0000-0000-000000000000";

interface SessionEnvironment {
  readonly database: Database;
  readonly cookies: SessionCookies;
  readonly exchange: Exchange;
  readonly client: Client;
  readonly viewers: ViewerLookup;
  readonly accounts: Pick<AccountSettings, "deviceKeys">;
}

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
  const deviceId = devices.find(exchange.request, account?.id ?? nobody);
  const charge = await environment.attempts.charge({
    // One spelling for all that find the same account; what can be no name has as many as it likes.
    subject: { typed: canonical ?? input.username },
    device: account === undefined || deviceId === null ? null : { userId: account.id, id: deviceId },
    client,
  });
  // A deactivated account is checked against the dummy, so that it takes as long as the others.
  const hash = account?.is_active ? account.password_hash : null;
  const matches = await charge.verify(hash, input.password);
  if (!matches || account === undefined || hash === null) {
    const withAccount = hash === null ? "NOT_ALLOWED" : "WRONG_PASSWORD";
    charge.fail({ userId: account?.id ?? null, reason: account === undefined ? "NO_ACCOUNT" : withAccount });
    return null;
  }

  const login = await startSession(environment, {
    userId: account.id,
    verifiedHash: hash,
    newHash: isWeakHash(hash) ? await hashPassword(input.password) : hash,
    wantsCookie: input.wantsCookie,
    wantsToken: input.wantsToken,
    event: AuditEventType.LOGIN_SUCCEEDED,
  });
  if (login === null) {
    charge.fail({ userId: account.id, reason: "NOT_ALLOWED" });
    return null;
  }
  await charge.forgive();
  if (input.wantsCookie) devices.leave(exchange, account.id);
  return login;
};

export interface SessionStart {
  readonly userId: string;
  /** The password was checked against this one. */
  readonly verifiedHash: string;
  readonly newHash: string;
  readonly wantsCookie: boolean;
  readonly wantsToken: boolean;
  readonly event: AuditEventType.LOGIN_SUCCEEDED | AuditEventType.REAUTHENTICATED;
}

/** Ends the session of a cookie that came with the request, when a cookie is wanted. Null as `beginSession` is. */
export const startSession = async (
  environment: SessionEnvironment,
  { wantsCookie, wantsToken, ...start }: SessionStart,
) => {
  const token = wantsToken ? makeToken("gws_") : null;
  const begin = (cookieSecret: string | null) => beginSession(environment, { ...start, cookieSecret, token });
  const life = livesOf({ hasToken: wantsToken }).absolute;
  const begun = wantsCookie
    ? await environment.cookies.begin(environment.exchange, life, begin)
    : await begin(null);
  return begun && { ...begun, token };
};

const findAccount = (database: Database, canonical: string) => {
  const query = database.selectFrom("users").select(["id", "password_hash", "is_active"]);
  // No username holds an @.
  if (!canonical.includes("@")) return query.where("canonical_username", "=", canonical).executeTakeFirst();
  // Only what is proven: otherwise the login would tell whoever registers with a stranger's address whether it was free.
  const proven = query.where("email_verified_at", "is not", null);
  return proven.where("canonical_email", "=", canonical).executeTakeFirst();
};

interface Beginning extends Omit<SessionStart, "wantsCookie" | "wantsToken"> {
  readonly cookieSecret: string | null;
  readonly token: string | null;
}

/**
 * One statement: the account is checked again, the session begins, the event is recorded, and the owner is told of a device
 * that is new, or none of it. Null when the account was deactivated, or its password changed, while we were hashing.
 */
const beginSession = async (
  { database, client, viewers, accounts }: SessionEnvironment,
  beginning: Beginning,
) => {
  const { userId } = beginning;
  const remembering = rememberDevice({ keys: accounts.deviceKeys, userId, client });
  const begun = await database
    .with("account", (query) =>
      query
        .updateTable("users")
        .set({ last_login_at: sql<Date>`now()`, password_hash: beginning.newHash })
        .where("id", "=", userId)
        .where("password_hash", "=", beginning.verifiedHash)
        .where("is_active", "=", true)
        .returning([
          ...userColumns,
          "users.last_login_at as lastLoginAt",
          "users.new_device_mail as newDeviceMail",
        ]),
    )
    .with("session", (query) =>
      query
        .insertInto("sessions")
        .columns(newSessionColumns)
        .expression((account) => account.selectFrom("account").select(newSession({ ...beginning, client })))
        .returning(["id", "user_id", "idle_expires_at as expiresAt"]),
    )
    .with("event", (query) =>
      query
        .insertInto("audit_events")
        .columns([...eventColumns])
        .expression((session) =>
          session
            .selectFrom("session")
            .select(({ ref }) =>
              selectEvent(
                { type: beginning.event, actorId: "owner", client },
                { userId: ref("session.user_id"), sessionId: ref("session.id") },
              ),
            ),
        ),
    )
    .with("device", () => remembering.device)
    .with("seen", () => remembering.seen)
    .with("room", () => remembering.room)
    .with("told", () => remembering.told)
    .selectFrom(["account", "session"])
    .selectAll("account")
    .select([
      "session.expiresAt",
      countSessions(userId).as("others"),
      sql<number>`(select count(*)::int from told)`.as("told"),
    ])
    .executeTakeFirst();
  if (begun === undefined) return null;

  const { expiresAt, others, told: _, ...user } = begun;
  // Logins at the same moment do not see each other: far below the cap that changes nothing.
  if (others >= sessionsPerUserAtMost / 2) {
    await makeRoomForSession(database, userId);
    viewers.forget(userId);
  }
  return { user, expiresAt };
};
