// Records a security event in the transaction of the change that it describes: both are committed, or neither.
import { type Expression, sql } from "kysely";
import type { Database } from "../../database/tables.ts";
import type { AuditDetails } from "../../entities/audit-event.ts";
import type { AuditEventType } from "../../entities/audit-event-type.ts";
import { type Client, noClient } from "../viewer/client.ts";
import type { Viewer } from "../viewer/viewer.ts";

/** Who acted, and from where. */
export interface Origin {
  /** Null when nobody was logged in: a failed login, the command line. */
  readonly actorId: string | null;
  readonly client: Client;
  /** The session that made the request, or that the event starts or ends. */
  readonly sessionId?: string | null;
  /** Never a secret, and no personal data: the details stay after the user's data is erased. */
  readonly details?: AuditDetails;
}

export interface NewEvent extends Origin {
  readonly type: AuditEventType;
  /** The user whose account it is. */
  readonly userId: string | null;
  /** Personal data of the user, such as an old name; deleted when the user's data is erased. */
  readonly personal?: AuditDetails;
}

/** The actor is the viewer, or the impersonator if there is one. */
export const originOf = (
  { client }: { readonly client: Client },
  { userId, sessionId, impersonatorId }: Pick<Viewer, "userId" | "sessionId" | "impersonatorId">,
): Origin => ({ actorId: impersonatorId ?? userId, sessionId, client });

/** No actor: an operator has database access, but need not be a user. */
export const fromCommandLine: Origin = { actorId: null, client: noClient, details: { via: "cli" } };

export const recordEvent = async (database: Database, event: NewEvent): Promise<void> => {
  await database.insertInto("audit_events").values(rowOf(event)).execute();
};

export const rowOf = ({ type, userId, actorId, sessionId, client, details, personal }: NewEvent) => ({
  type,
  user_id: userId,
  actor_id: actorId,
  session_id: sessionId ?? null,
  ip_address: client.ipAddress,
  user_agent: client.userAgent,
  request_id: client.requestId ?? null,
  details: JSON.stringify(details ?? {}),
  personal: personal === undefined ? null : JSON.stringify(personal),
});

/** For `insert into audit_events (...) select`: one event for each changed row. */
export const eventColumns = [
  "type",
  "user_id",
  "actor_id",
  "session_id",
  "ip_address",
  "user_agent",
  "request_id",
  "details",
] as const;

export interface ChangedColumns {
  readonly userId: Expression<string | null>;
  /** The user that `owner` stands for, when it is not `userId`. */
  readonly ownerId?: Expression<string | null>;
  readonly sessionId?: Expression<string | null>;
  /** A jsonb object that differs between rows, merged into the event's details. */
  readonly details?: Expression<unknown>;
}

/** In the order of `eventColumns`. Cast, because PostgreSQL takes a parameter in a SELECT for text. */
export const selectEvent = (
  event: Omit<NewEvent, "userId" | "actorId" | "personal"> & { readonly actorId: string | null | "owner" },
  { userId, ownerId = userId, sessionId, details }: ChangedColumns,
) => [
  sql<string>`${event.type}::text`.as("type"),
  sql<string | null>`${userId}`.as("user_id"),
  sql<string | null>`${event.actorId === "owner" ? ownerId : event.actorId}::uuid`.as("actor_id"),
  sql<string | null>`${sessionId ?? event.sessionId ?? null}::uuid`.as("session_id"),
  sql<string | null>`${event.client.ipAddress}::text`.as("ip_address"),
  sql<string | null>`${event.client.userAgent}::text`.as("user_agent"),
  sql<string | null>`${event.client.requestId ?? null}::text`.as("request_id"),
  sql<string>`${JSON.stringify(event.details ?? {})}::jsonb || ${details ?? sql`'{}'`}`.as("details"),
];
