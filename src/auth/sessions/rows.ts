// The rows of sessions: insert, touch, list, expire. Knows no HTTP.
import { type RawBuilder, type SelectQueryBuilder, sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import { fromNow, interval } from "../../database/durations.ts";
import { ownTable } from "../../database/own-schema.ts";
import type { Database, Tables } from "../../database/tables.ts";
import { digest } from "../secrets/secret.ts";
import type { Client } from "../viewer/client.ts";
import { lifetimesOf, type SessionLifetimes, touchInterval } from "./lifetimes.ts";

export interface NewSession {
  readonly userId: string;
  readonly cookieSecret: string | null;
  readonly token: string | null;
  /** This and the next, in a statement that selects from `account`. */
  readonly authenticatedAt: RawBuilder<Date>;
  /** When a second factor was proven; null: never. */
  readonly secondFactorAt: RawBuilder<Date | null>;
  readonly client: Client;
  readonly lifetimes: SessionLifetimes;
}

export const newSessionColumns = [
  "id",
  "user_id",
  "cookie_digest",
  "token_digest",
  "user_agent",
  "ip_address",
  "authenticated_at",
  "second_factor_at",
  "idle_expires_at",
  "absolute_expires_at",
] as const;

/** In the order of `newSessionColumns`. Cast, because PostgreSQL takes a parameter in a SELECT for text. */
export const newSession = (session: NewSession) => {
  const { userId, cookieSecret, token, authenticatedAt, secondFactorAt, client, lifetimes } = session;
  const lives = lifetimesOf(lifetimes, { hasToken: token !== null });
  const digestOf = (secret: string | null) => sql<Buffer | null>`${secret && digest(secret)}::bytea`;
  return [
    sql<string>`${uuidv7()}::uuid`.as("id"),
    sql<string>`${userId}::uuid`.as("user_id"),
    digestOf(cookieSecret).as("cookie_digest"),
    digestOf(token).as("token_digest"),
    sql<string | null>`${client.userAgent}::text`.as("user_agent"),
    sql<string | null>`${client.ipAddress}::text`.as("ip_address"),
    authenticatedAt.as("authenticated_at"),
    secondFactorAt.as("second_factor_at"),
    fromNow(lives.idle).as("idle_expires_at"),
    fromNow(lives.absolute).as("absolute_expires_at"),
  ];
};

/** The new values of a renewed session, which counts as a new login. */
export const renewedSession = (
  session: Omit<NewSession, "userId" | "authenticatedAt" | "secondFactorAt"> & {
    readonly hasSecondFactor: boolean;
  },
) => {
  const { cookieSecret, token, hasSecondFactor, client, lifetimes } = session;
  const lives = lifetimesOf(lifetimes, { hasToken: token !== null });
  return {
    cookie_digest: cookieSecret === null ? null : digest(cookieSecret),
    token_digest: token === null ? null : digest(token),
    user_agent: client.userAgent,
    ip_address: client.ipAddress,
    last_used_at: sql<Date>`now()`,
    authenticated_at: sql<Date>`now()`,
    ...(hasSecondFactor && { second_factor_at: sql<Date>`now()` }),
    idle_expires_at: fromNow(lives.idle),
    absolute_expires_at: fromNow(lives.absolute),
  };
};

/**
 * Locks all of the user's sessions until the transaction ends, in the same order as `endSessions`. Returns the id of the session
 * that the secret still opens, or null.
 */
export const lockSessionsOf = async (
  transaction: Database,
  userId: string,
  { half, secret }: { readonly half: "cookie_digest" | "token_digest"; readonly secret: string },
): Promise<string | null> => {
  const sessions = await transaction
    .selectFrom("sessions")
    .select("id")
    .select((row) =>
      row
        .and([
          row(half, "=", digest(secret)),
          sql<boolean>`least(idle_expires_at, absolute_expires_at) > now()`,
        ])
        .as("isOpened"),
    )
    .where("user_id", "=", userId)
    .orderBy("id")
    .forUpdate()
    .execute();
  return sessions.find(({ isOpened }) => isOpened)?.id ?? null;
};

/** Includes expired sessions that were not pruned yet. Without impersonations of the user. */
export const countSessions = (userId: string) =>
  sql<number>`(select count(*)::int from ${ownTable("sessions")} where user_id = ${userId} and actor_session_id is null)`;

/** The id of the impersonator in a row of `sessions`; null in the user's own sessions. */
export const impersonatorOfSession = sql<string | null>`(
  select actor_session.user_id from ${ownTable("sessions")} as actor_session where actor_session.id = sessions.actor_session_id)`;

/** The columns that the user may see. Shows only the id of an impersonator, as the audit trail does. */
export const deviceOfSession = [
  sql<string | null>`case when actor_session_id is null then sessions.user_agent end`.as("userAgent"),
  sql<string | null>`case when actor_session_id is null then sessions.ip_address end`.as("ipAddress"),
] as const;

/** Only the database's clock decides: two servers' clocks may differ, and either may jump. */
export const whereAlive = <Shape>(query: SelectQueryBuilder<Tables, "sessions" | "users", Shape>) =>
  query
    .where("sessions.idle_expires_at", ">", sql<Date>`now()`)
    .where("sessions.absolute_expires_at", ">", sql<Date>`now()`)
    .where("users.is_active", "=", true);

/** True when the last use is old enough to be worth a write. */
export const isTouchDue = sql<boolean>`sessions.last_used_at < now() - ${interval(touchInterval)}`;

/**
 * Only updates, so that a slow request cannot bring back a session that has ended meanwhile. Locks in a fixed order, so that the
 * batches of two servers wait for each other and do not deadlock.
 */
export const touchSessions = async (
  database: Database,
  ids: readonly string[],
  lifetimes: SessionLifetimes,
): Promise<void> => {
  const idle = (hasToken: boolean) => interval(lifetimesOf(lifetimes, { hasToken }).idle);
  await database
    .updateTable("sessions")
    .set({
      last_used_at: sql<Date>`now()`,
      idle_expires_at: sql<Date>`least(now() + case when token_digest is null then ${idle(false)} else ${idle(true)} end, absolute_expires_at)`,
    })
    .where("id", "in", (sessions) =>
      sessions
        .selectFrom("sessions")
        .select("id")
        .where("id", "=", sql<string>`any(${[...ids]}::uuid[])`)
        .where(isTouchDue)
        .orderBy("id")
        .forUpdate(),
    )
    .execute();
};

/** Newest first; all of the viewer's sessions, or those among `ids`. */
export const listSessions = (
  database: Database,
  viewer: { readonly userId: string; readonly sessionId: string | null },
  ids: readonly string[] | "all" = "all",
) =>
  whereAlive(database.selectFrom("sessions").innerJoin("users", "users.id", "sessions.user_id"))
    .where("sessions.user_id", "=", viewer.userId)
    .$if(ids !== "all", (sessions) =>
      sessions.where("sessions.id", "=", sql<string>`any(${[...ids]}::uuid[])`),
    )
    .select(deviceOfSession)
    .select([
      "sessions.id",
      "sessions.created_at as createdAt",
      "sessions.last_used_at as lastUsedAt",
      "sessions.idle_expires_at as expiresAt",
      impersonatorOfSession.as("impersonatedBy"),
      sql<boolean>`sessions.id is not distinct from ${viewer.sessionId}::uuid`.as("current"),
      sql<boolean>`sessions.cookie_digest is not null`.as("hasCookie"),
      sql<boolean>`sessions.token_digest is not null`.as("hasToken"),
    ])
    .orderBy("sessions.created_at", "desc")
    .orderBy("sessions.id", "desc")
    .execute();

/** The ids of the user's sessions among these, expired or not. */
export const selectSessionIds = (userId: string, ids: readonly string[]) =>
  sql<{
    id: string;
  }>`select id from ${ownTable("sessions")} where user_id = ${userId}::uuid and id = any(${[...ids]}::uuid[])`;

/** Deletes expired sessions, which were already refused. Returns how many. */
export const pruneSessions = async (database: Database): Promise<number> => {
  const { numDeletedRows } = await database
    .deleteFrom("sessions")
    .where(sql<boolean>`least(idle_expires_at, absolute_expires_at) <= now()`)
    .executeTakeFirst();
  return Number(numDeletedRows);
};
