// Finds events of types that this server does not know, because a newer server wrote them.
import { sql } from "kysely";
import { ownTable } from "../../database/own-schema.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import type { PageRange } from "../page.ts";

/**
 * Returns the newest ids, or backwards the oldest, up to `limit` of each type. Walks the index from type to type, which are few: a scan of a million
 * events might find none.
 */
export const unknownEvents = (
  userId: string | null,
  { after, before, isBackward }: Pick<PageRange, "after" | "before" | "isBackward">,
  limit: number,
) => sql<string>`(
  with recursive kinds as (
    (select type from ${ownTable("audit_events")} order by type limit 1)
    union all
    select (select type from ${ownTable("audit_events")} where type > kinds.type order by type limit 1)
    from kinds where kinds.type is not null
  )
  select newest.id from kinds, lateral (
    select id from ${ownTable("audit_events")} where type = kinds.type
    ${userId === null ? sql`` : sql`and user_id = ${userId}`}
    ${after === null ? sql`` : sql`and id < ${after}`}
    ${before === null ? sql`` : sql`and id > ${before}`}
    order by id ${isBackward ? sql`asc` : sql`desc`} limit ${limit}
  ) as newest
  where kinds.type <> all(${Object.values(AuditEventType)}::text[]))`;
