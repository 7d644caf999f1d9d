// Recording security events: in the transaction of what they tell of, so that neither is ever without the other.
import { type Expression, sql } from "kysely";
import type { Database } from "../../database/tables.ts";
import type { AuditDetails } from "../../entities/audit-event.ts";
import type { AuditEventType } from "../../entities/audit-event-type.ts";
import { type Client, noClient } from "../viewer/client.ts";
import type { Viewer } from "../viewer/viewer.ts";

/** Who did it, and from where. */
export interface Origin {
  /** Null when nobody was logged in: a failed login, the command line. */
  readonly actorId: string | null;
  readonly client: Client;
  /** Of what the viewer's own request began or ended: its session. */
  readonly sessionId?: string | null;
  /** Never a secret, and nothing about a person: it stays when the person is forgotten. */
  readonly details?: AuditDetails;
}

export interface NewEvent extends Origin {
  readonly type: AuditEventType;
  /** Whose account. */
  readonly userId: string | null;
  /** What tells of the account's owner, such as an old name; deleted when the person is forgotten. */
  readonly personal?: AuditDetails;
}

/** Of what a viewer does. Where somebody acts as the viewer, it was they who did it. */
export const originOf = (
  { client }: { readonly client: Client },
  { userId, sessionId, impersonatorId }: Pick<Viewer, "userId" | "sessionId" | "impersonatorId">,
): Origin => ({ actorId: impersonatorId ?? userId, sessionId, client });

/** Without an actor: whoever may run the program holds the database's password, and is no account. */
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
  details: JSON.stringify(details ?? {}),
  personal: personal === undefined ? null : JSON.stringify(personal),
});

/** For `insert into audit_events (...) select`: one event for each row that a statement has changed. */
export const eventColumns = [
  "type",
  "user_id",
  "actor_id",
  "session_id",
  "ip_address",
  "user_agent",
  "details",
] as const;

export interface ChangedColumns {
  readonly userId: Expression<string | null>;
  /** Whom `owner` means, where it is not the user. */
  readonly ownerId?: Expression<string | null>;
  readonly sessionId?: Expression<string | null>;
  /** A jsonb object of what differs from row to row, put beside the event's own details. */
  readonly details?: Expression<unknown>;
}

/** In the order of `eventColumns`. Typed, because PostgreSQL takes a value in a SELECT for a text. */
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
  sql<string>`${JSON.stringify(event.details ?? {})}::jsonb || ${details ?? sql`'{}'`}`.as("details"),
];
