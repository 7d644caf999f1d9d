// How sessions end: each end is an event, recorded by the statement that deletes the row.
import type { DeleteQueryBuilder, DeleteResult } from "kysely";
import type { Database, Tables } from "../database/tables.ts";
import { AuditEventType } from "../entities/audit-event-type.ts";
import { eventColumns, type Origin, selectEvent } from "./audit.ts";
import { noClient } from "./client.ts";
import { digest } from "./secret.ts";
import { sessionsPerUserAtMost } from "./session-lives.ts";

export interface Credentials {
  readonly cookieSecret: string | null;
  readonly token: string | null;
}

/** Why and by whom. `owner`: whoever's session it was. */
export type Ending = Omit<Origin, "actorId" | "sessionId"> & {
  readonly type: AuditEventType.LOGOUT | AuditEventType.SESSION_REVOKED;
  readonly actorId: string | null | "owner";
};

/** Ends every session that one of these opens, and with it the session's other credential. Whose they were. */
export const endSessionsOf = (
  database: Database,
  { cookieSecret, token }: Credentials,
  ending: Ending,
): Promise<string[]> =>
  endSessions(
    database,
    (sessions) =>
      sessions.where((row) =>
        row.or([
          ...(cookieSecret === null ? [] : [row("cookie_digest", "=", digest(cookieSecret))]),
          ...(token === null ? [] : [row("token_digest", "=", digest(token))]),
        ]),
      ),
    ending,
  );

/** How many were ended. */
export const endSessionsOfUser = async (
  database: Database,
  userId: string,
  { actorId, client, details = {} }: Omit<Origin, "sessionId">,
): Promise<number> => {
  const ending = { type: AuditEventType.SESSION_REVOKED, actorId, client, details } as const;
  return (await endSessions(database, (sessions) => sessions.where("user_id", "=", userId), ending)).length;
};

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
          .orderBy("last_used_at", "desc")
          .orderBy("id", "desc")
          .offset(sessionsPerUserAtMost),
      ),
    {
      type: AuditEventType.SESSION_REVOKED,
      actorId: null,
      client: noClient,
      details: { reason: "TOO_MANY" },
    },
  );
};

type Deletion = DeleteQueryBuilder<Tables, "sessions", DeleteResult>;

const endSessions = async (
  database: Database,
  which: (sessions: Deletion) => Deletion,
  ending: Ending,
): Promise<string[]> => {
  const recorded = await database
    .with("ended", (query) => which(query.deleteFrom("sessions")).returning(["id", "user_id"]))
    .insertInto("audit_events")
    .columns([...eventColumns])
    .expression((query) =>
      query
        .selectFrom("ended")
        .select(({ ref }) =>
          selectEvent(ending, { userId: ref("ended.user_id"), sessionId: ref("ended.id") }),
        ),
    )
    .returning("user_id")
    .execute();
  return recorded.map(({ user_id }) => user_id).filter((id) => id !== null);
};
