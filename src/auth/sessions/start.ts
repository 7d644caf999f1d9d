// How a session begins: in one statement with the check of the account.
import { sql } from "kysely";
import type { Database } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { eventColumns, selectEvent } from "../audit/record.ts";
import { type DeviceKeys, rememberDevice } from "../browsers/known-devices.ts";
import { makeToken } from "../secrets/secret.ts";
import type { Client, Exchange } from "../viewer/client.ts";
import { userColumns } from "../viewer/viewer.ts";
import type { SessionCookies } from "./cookie.ts";
import { makeRoomForSession } from "./ends.ts";
import { livesOf, sessionsPerUserAtMost } from "./lifetimes.ts";
import { countSessions, newSession, newSessionColumns, renewedSession } from "./rows.ts";

export interface SessionEnvironment {
  readonly database: Database;
  readonly cookies: SessionCookies;
  readonly exchange: Exchange;
  readonly client: Client;
  readonly viewers: { forget(userId: string): void };
  readonly accounts: { readonly deviceKeys: DeviceKeys };
}

interface SessionStart {
  readonly userId: string;
  /** The password was checked against this one. */
  readonly verifiedHash: string;
  readonly newHash: string;
  /** For a hash that is made anew: the one that another login has made meanwhile, if the password is right for it. */
  readonly findNewerHash: () => Promise<string | null>;
  readonly wantsCookie: boolean;
  readonly wantsToken: boolean;
}

/**
 * Ends the session of a cookie that came with the request, when a cookie is wanted. Null when the account was deactivated, or
 * its password changed, while we were hashing.
 */
export const startSession = async (
  environment: SessionEnvironment,
  { userId, verifiedHash, newHash, findNewerHash, wantsCookie, wantsToken }: SessionStart,
) => {
  const token = wantsToken ? makeToken("gws_") : null;
  const begin = async (cookieSecret: string | null) => {
    const write = (hashes: Pick<WrittenSession, "verifiedHash" | "newHash">) =>
      writeSession(environment, { ...hashes, userId, cookieSecret, token, renewedId: null });
    const written = await write({ verifiedHash, newHash });
    if (written !== null || newHash === verifiedHash) return written;
    const newer = await findNewerHash();
    return newer === null ? null : write({ verifiedHash: newer, newHash: newer });
  };
  const life = livesOf({ hasToken: wantsToken }).absolute;
  const begun = wantsCookie
    ? await environment.cookies.begin(environment.exchange, life, begin)
    : await begin(null);
  if (begun === null) return null;

  const { others, ...login } = begun;
  // Logins at the same moment do not see each other: far below the cap that changes nothing.
  if (others >= sessionsPerUserAtMost / 2) {
    await makeRoomForSession(environment.database, userId);
    environment.viewers.forget(userId);
  }
  return { ...login, token };
};

interface WrittenSession extends Pick<SessionStart, "userId" | "verifiedHash" | "newHash"> {
  readonly cookieSecret: string | null;
  readonly token: string | null;
  /** Null for a new one. */
  readonly renewedId: string | null;
}

/**
 * One statement: the account is checked again, the session begins or gets its new secret, the event is recorded, and the owner
 * is told of a device that is new, or none of it.
 */
export const writeSession = async (
  { database, client, accounts }: SessionEnvironment,
  written: WrittenSession,
) => {
  const { userId, renewedId } = written;
  const type = renewedId === null ? AuditEventType.LOGIN_SUCCEEDED : AuditEventType.REAUTHENTICATED;
  const remembering = rememberDevice({ keys: accounts.deviceKeys, userId, client });
  const found = await database
    .with("account", (query) =>
      query
        .updateTable("users")
        .set({ last_login_at: sql<Date>`now()`, password_hash: written.newHash })
        .where("id", "=", userId)
        .where("password_hash", "=", written.verifiedHash)
        .where("is_active", "=", true)
        .returning([
          ...userColumns,
          "users.last_login_at as lastLoginAt",
          "users.new_device_mail as newDeviceMail",
        ]),
    )
    .with("session", (query) =>
      renewedId === null
        ? query
            .insertInto("sessions")
            .columns(newSessionColumns)
            .expression((account) => account.selectFrom("account").select(newSession({ ...written, client })))
            .returning(["sessions.id", "sessions.user_id", "sessions.idle_expires_at as expiresAt"])
        : query
            .updateTable("sessions")
            .from("account")
            .set(renewedSession({ ...written, client }))
            .where("sessions.id", "=", renewedId)
            .whereRef("sessions.user_id", "=", "account.id")
            .returning(["sessions.id", "sessions.user_id", "sessions.idle_expires_at as expiresAt"]),
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
                { type, actorId: "owner", client },
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
  if (found === undefined) return null;
  const { expiresAt, others, told: _, ...user } = found;
  return { user, expiresAt, others };
};
