// Ends sessions: the statement that deletes a row also records the event.
import { type SelectQueryBuilder, sql } from "kysely";
import { validate as isUuid } from "uuid";
import type { Database, Tables } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { eventColumns, type Origin, selectEvent } from "../audit/record.ts";
import { digest } from "../secrets/secret.ts";
import { noClient } from "../viewer/client.ts";
import { maxSessionsPerUser } from "./lifetimes.ts";
import { impersonatorOfSession } from "./rows.ts";

export interface Credentials {
  readonly cookieSecret: string | null;
  readonly token: string | null;
  /** The session that they opened, whose secret may have been renewed since. */
  readonly sessionId?: string | null;
}

/** Why it ended, and who ended it. `owner`: the session's user; for an impersonation, the impersonator. */
export type Ending = Omit<Origin, "actorId" | "sessionId"> & {
  readonly type: AuditEventType.LOGOUT | AuditEventType.SESSION_REVOKED;
  readonly actorId: string | null | "owner";
};

/** Ends every session that one of these credentials opens, with the session's other credential. Returns the users' ids. */
export const endSessionsOf = (
  database: Database,
  { cookieSecret, token, sessionId = null }: Credentials,
  ending: Ending,
): Promise<string[]> =>
  endSessions(
    database,
    (sessions) =>
      sessions.where((row) =>
        row.or([
          ...(cookieSecret === null ? [] : [row("cookie_digest", "=", digest(cookieSecret))]),
          ...(token === null ? [] : [row("token_digest", "=", digest(token))]),
          ...(sessionId === null ? [] : [row("id", "=", sessionId)]),
        ]),
      ),
    ending,
  );

/** Returns false when the user has no such session. Checks the id first: PostgreSQL fails on text that is not a UUID. */
export const endSession = async (
  database: Database,
  { id, userId }: { readonly id: string; readonly userId: string },
  ending: Ending,
): Promise<boolean> => {
  if (!isUuid(id)) return false;
  const ended = await endSessions(
    database,
    (sessions) => sessions.where("id", "=", id).where("user_id", "=", userId),
    ending,
  );
  return ended.length > 0;
};

/** Ends the user's sessions, and the session of a cookie that may be another user's. Returns the users' ids. */
export const endEverySession = (
  database: Database,
  { userId, cookieSecret }: { readonly userId: string; readonly cookieSecret: string | null },
  ending: Ending,
): Promise<string[]> =>
  endSessions(
    database,
    (sessions) =>
      sessions.where((row) =>
        row.or([
          row("user_id", "=", userId),
          ...(cookieSecret === null ? [] : [row("cookie_digest", "=", digest(cookieSecret))]),
        ]),
      ),
    ending,
  );

/** Returns how many were ended. `keptSessionId`: the session that goes on. */
export const endSessionsOfUser = async (
  database: Database,
  { userId, keptSessionId }: { readonly userId: string; readonly keptSessionId?: string | undefined },
  { actorId, client, details = {} }: Omit<Origin, "sessionId">,
): Promise<number> => {
  const ending = { type: AuditEventType.SESSION_REVOKED, actorId, client, details } as const;
  const ended = await endSessions(
    database,
    (sessions) => {
      const all = sessions.where("user_id", "=", userId);
      return keptSessionId === undefined ? all : all.where("id", "<>", keptSessionId);
    },
    ending,
  );
  return ended.length;
};

/** Ends the sessions of every user, except those of logins that come meanwhile. Returns how many. */
export const endAllSessions = async (
  database: Database,
  origin: Omit<Origin, "sessionId">,
): Promise<number> => {
  const ending = { ...origin, type: AuditEventType.SESSION_REVOKED } as const;
  const { now } = await database.selectNoFrom(sql<Date>`now()`.as("now")).executeTakeFirstOrThrow();
  let count = 0;
  while (true) {
    const ended = await endSessions(
      database,
      // In batches, so that a request that records its use waits for few row locks, not for all.
      (sessions) => sessions.where("created_at", "<=", now).limit(sessionsEndedAtOnce),
      ending,
    );
    if (ended.length === 0) return count;
    count += ended.length;
  }
};

const sessionsEndedAtOnce = 1_000;

/**
 * Call it after the new session is inserted. Ends the sessions unused for longest: a script that keeps logging in must not fill
 * the table.
 */
export const makeRoomForSession = async (database: Database, userId: string): Promise<void> => {
  await endSessions(
    database,
    (ended) =>
      ended.where("id", "in", (sessions) =>
        sessions
          .selectFrom("sessions")
          .select("id")
          .where("user_id", "=", userId)
          // An impersonation must not push out the user's own sessions.
          .where("actor_session_id", "is", null)
          .orderBy("last_used_at", "desc")
          .orderBy("id", "desc")
          .offset(maxSessionsPerUser),
      ),
    {
      type: AuditEventType.SESSION_REVOKED,
      actorId: null,
      client: noClient,
      details: { reason: "TOO_MANY" },
    },
  );
};

/** Ends the impersonation that this session started, or is. */
export const endImpersonationsOf = async (
  database: Database,
  sessionId: string,
  origin: Omit<Ending, "type">,
): Promise<void> => {
  await endSessions(
    database,
    (sessions) =>
      sessions
        .where("actor_session_id", "is not", null)
        .where((row) => row.or([row("id", "=", sessionId), row("actor_session_id", "=", sessionId)])),
    { ...origin, type: AuditEventType.SESSION_REVOKED },
  );
};

type Choice = SelectQueryBuilder<Tables, "sessions", { id: string }>;

/**
 * Locks in the same order as the touches, so that concurrent endings do not deadlock. An impersonation, and one that ends with
 * the session that started it, is recorded as IMPERSONATION_STOPPED.
 */
const endSessions = async (
  database: Database,
  which: (sessions: Choice) => Choice,
  ending: Ending,
): Promise<string[]> => {
  const stopping = { ...ending, type: AuditEventType.IMPERSONATION_STOPPED };
  const ended = await database
    .with("chosen", (query) =>
      which(query.selectFrom("sessions").select("sessions.id")).orderBy("sessions.id").forUpdate(),
    )
    .with("ended", (query) =>
      query
        .deleteFrom("sessions")
        .where("id", "in", (chosen) => chosen.selectFrom("chosen").select("chosen.id"))
        .returning(["id", "user_id", impersonatorOfSession.as("impersonator_id")]),
    )
    // The foreign key deletes the dependent impersonations without recording an event.
    .with("stopped", (query) =>
      query
        .selectFrom("ended")
        .select(["ended.id", "ended.user_id", "ended.impersonator_id"])
        .where("ended.impersonator_id", "is not", null)
        .unionAll(
          query
            .selectFrom("sessions")
            .innerJoin("ended", "ended.id", "sessions.actor_session_id")
            .select(["sessions.id", "sessions.user_id", "ended.user_id as impersonator_id"])
            .where("sessions.actor_session_id", "is not", null)
            .where("sessions.id", "not in", (ended) => ended.selectFrom("ended").select("ended.id")),
        ),
    )
    .with("event", (query) =>
      query
        .insertInto("audit_events")
        .columns([...eventColumns])
        .expression((rows) =>
          rows
            .selectFrom("ended")
            .where("ended.impersonator_id", "is", null)
            .select(({ ref }) =>
              selectEvent(ending, { userId: ref("ended.user_id"), sessionId: ref("ended.id") }),
            )
            .unionAll(
              rows.selectFrom("stopped").select(({ ref }) =>
                selectEvent(stopping, {
                  userId: ref("stopped.user_id"),
                  ownerId: ref("stopped.impersonator_id"),
                  sessionId: ref("stopped.id"),
                }),
              ),
            ),
        ),
    )
    .selectFrom("ended")
    .select("ended.user_id")
    .execute();
  return ended.map(({ user_id }) => user_id);
};
