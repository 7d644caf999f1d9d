// Events of kinds that this server does not know: a newer one wrote them.
import { sql } from "kysely";
import { AuditEventType } from "../../entities/audit-event-type.ts";

/**
 * The ids of the newest, up to `limit` of each kind. From kind to kind along the index, which are few, and not from event to
 * event: among a million events there may be none of them.
 */
export const newestUnknown = (userId: string | null, after: string | null, limit: number) => sql<string>`(
  with recursive kinds as (
    (select type from audit_events order by type limit 1)
    union all
    select (select type from audit_events where type > kinds.type order by type limit 1)
    from kinds where kinds.type is not null
  )
  select newest.id from kinds, lateral (
    select id from audit_events where type = kinds.type
    ${userId === null ? sql`` : sql`and user_id = ${userId}`}
    ${after === null ? sql`` : sql`and id < ${after}`}
    order by id desc limit ${limit}
  ) as newest
  where kinds.type <> all(${Object.values(AuditEventType)}::text[]))`;
