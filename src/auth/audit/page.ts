// Returns the security events that a viewer may see, a page at a time, newest first.
import { sql } from "kysely";
import { validate as isUuid } from "uuid";
import type { Database } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { badUserInput } from "../../errors.ts";
import { cursorOf, type PageInput, pageOf, readPageRange } from "../page.ts";
import { requireMay } from "../viewer/ownership.ts";
import { hasPermission } from "../viewer/permissions.ts";
import type { Viewer } from "../viewer/viewer.ts";
import { unknownEvents } from "./unknown.ts";

export interface EventFilter {
  /** Null: every user whose events the viewer may see. */
  readonly userId: string | null;
  readonly type: AuditEventType | null;
}

const list = "audit";

export const eventCursorOf = ({ id }: { readonly id: string }): string => cursorOf(list, id);

/** Throws NOT_FOUND or FORBIDDEN for events that the viewer may not see, and BAD_USER_INPUT for an invalid page. */
export const findEventPage = async (
  database: Database,
  viewer: Viewer,
  filter: EventFilter,
  input: PageInput,
) => {
  const userId = requireVisibleUser(viewer, filter.userId);
  const read = readPageRange(input, list);
  if ("problems" in read) throw badUserInput(read.problems);
  const { count, after, before, isBackward } = read.range;
  const rows = await selectEvents(database, viewer)
    .$if(userId !== null, (query) => query.where("user_id", "=", userId))
    .$if(filter.type !== null, (query) =>
      filter.type === AuditEventType.UNKNOWN
        ? query.where("id", "in", unknownEvents(userId, read.range, count + 1))
        : query.where("type", "=", filter.type),
    )
    .$if(after !== null, (query) => query.where("id", "<", after))
    .$if(before !== null, (query) => query.where("id", ">", before))
    .orderBy("id", isBackward ? "asc" : "desc")
    .limit(count + 1)
    .execute();
  return pageOf(rows.map(withKnownType), read.range);
};

/** Those of these events that the viewer may see. */
export const findEvents = async (database: Database, viewer: Viewer, ids: readonly string[]) => {
  const userId = requireVisibleUser(viewer, null);
  const rows = await selectEvents(database, viewer)
    .where("id", "=", sql<string>`any(${[...ids]}::bigint[])`)
    .$if(userId !== null, (query) => query.where("user_id", "=", userId))
    .execute();
  return rows.map(withKnownType);
};

/** The columns of events, for those that the viewer may see. */
const selectEvents = (database: Database, viewer: Viewer) => {
  // The user sees only the id of another actor, an administrator or a thief.
  const isShown = sql<boolean>`(${seesAll(viewer)} or actor_id is null or actor_id = ${viewer.userId}::uuid)`;
  return database
    .selectFrom("audit_events")
    .select(["id", "at", "type", "user_id as userId", "actor_id as actorId", "session_id as sessionId"])
    .select([
      sql<string | null>`case when ${isShown} then ip_address end`.as("ipAddress"),
      sql<string | null>`case when ${isShown} then user_agent end`.as("userAgent"),
      sql<string | null>`case when ${seesAll(viewer)} then request_id end`.as("requestId"),
      sql<Record<string, unknown>>`details || coalesce(personal, '{}')`.as("details"),
    ]);
};

const seesAll = (viewer: Viewer): boolean => hasPermission(viewer, "audit:read");

const withKnownType = <Row extends { readonly type: string }>(row: Row) => ({
  ...row,
  type: isKnownType(row.type) ? row.type : AuditEventType.UNKNOWN,
});

/** One response for every user but the viewer, existing or not: a refusal would reveal that the user exists. */
const requireVisibleUser = (viewer: Viewer, asked: string | null): string | null => {
  if (asked === null) return seesAll(viewer) ? null : viewer.userId;
  const userId = asked.toLowerCase();
  requireMay("see", viewer, { ownerId: isUuid(userId) ? userId : null, toSee: "audit:read" });
  return userId;
};

const isKnownType = (type: string): type is AuditEventType => Object.hasOwn(AuditEventType, type);
