// The section of an export with security events: on the person's account, and by the person on others'.
import { sql } from "kysely";
import type { Database } from "../../database/tables.ts";
import { eventCursorOf } from "../audit/page.ts";
import { pageOf } from "../page.ts";

/** A few megabytes: the trail of a script that logs in all day must not fill the memory. */
const eventsAtMost = 10_000;

/** Newest first. Where there are more, `auditEvents(after: endCursor)` goes on. */
export const exportAuditEvents = async (database: Database, userId: string) => {
  // Of an event between two people, each gets the half that tells of them: who acted the address and the device, whose
  // account it is the rest.
  const isActor = sql<boolean>`(actor_id is null or actor_id = ${userId}::uuid)`;
  const rows = await database
    .selectFrom("audit_events")
    .select(["id", "at", "type", "user_id as userId", "actor_id as actorId", "session_id as sessionId"])
    .select([
      sql<string | null>`case when ${isActor} then ip_address end`.as("ipAddress"),
      sql<string | null>`case when ${isActor} then user_agent end`.as("userAgent"),
      "details",
      sql<unknown>`case when user_id = ${userId}::uuid then personal end`.as("personal"),
    ])
    .where((row) => row.or([row("user_id", "=", userId), row("actor_id", "=", userId)]))
    .orderBy("id", "desc")
    .limit(eventsAtMost + 1)
    .execute();
  const { rows: events, hasNextPage } = pageOf(rows, eventsAtMost);
  const last = events.at(-1);
  return { events, hasNextPage, endCursor: last === undefined ? null : eventCursorOf(last) };
};
