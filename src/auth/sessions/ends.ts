// How sessions end: each end is an event, recorded by the statement that deletes the row.
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
  /** Of the session that they opened: it may have got a new secret since. */
  readonly sessionId?: string | null;
}

/** Why and by whom. `owner`: whoever's session it was; of an impersonation, whoever acted in it. */
export type Ending = Omit<Origin, "actorId" | "sessionId"> & {
  readonly type: AuditEventType.LOGOUT | AuditEventType.SESSION_REVOKED;
  readonly actorId: string | null | "owner";
};

/** Ends every session that one of these opens, and with it the session's other credential. Whose they were. */
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

/** False when the user has no such session. An id is any text: PostgreSQL would fail on one that is no UUID. */
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

/** Of the user, and of a cookie that may be somebody else's. Whose they were. */
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

/** Returns how many were ended. `keptSessionId`: the one that goes on. */
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

/** Of every account. Logins that come meanwhile stay. How many were ended. */
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
      // A step at a time: whoever writes down a use waits for few locks, and not for all.
      (sessions) => sessions.where("created_at", "<=", now).limit(sessionsEndedAtOnce),
      ending,
    );
    if (ended.length === 0) return count;
    count += ended.length;
  }
};

const sessionsEndedAtOnce = 1_000;

/** Call it after the newest has begun. The idlest go first: a script that logs in for ever must not fill the table. */
export const makeRoomForSession = async (database: Database, userId: string): Promise<void> => {
  await endSessions(
    database,
    (ended) =>
      ended.where("id", "in", (sessions) =>
        sessions
          .selectFrom("sessions")
          .select("id")
          .where("user_id", "=", userId)
          // Whoever acts as the user must not put them out.
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

/** The impersonation that the session has begun, or is. */
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
 * Locked in the order in which uses are written down, so that those who end sessions at the same moment do not deadlock. What is an
 * impersonation, or goes with the session that began one, is recorded as IMPERSONATION_STOPPED.
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
    // The foreign key deletes those that go along, and tells nobody.
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
