// Finds the security events of one request.
import { sql } from "kysely";
import type { Database } from "../../database/tables.ts";
import type { AuditDetails } from "../../entities/audit-event.ts";
import type { RecordedEvent } from "./explanation.ts";

/** A part at a time: searched at once, a trail of many millions could exceed the statement timeout. */
const idsAtOnce = 200_000;

/**
 * From the newest on, and no further than the part before the one that has some: they are written within seconds. Without an
 * index: an operator asks now and then, and each event would pay for it.
 */
export async function findEventsOf(database: Database, requestId: string): Promise<readonly RecordedEvent[]> {
  const { last, first } = await findRange(database);
  let found: readonly RecordedEvent[] = [];
  for (let before = last + 1; before > first; before -= idsAtOnce) {
    const part = await readPart(database, requestId, before);
    if (found.length > 0 && part.length === 0) break;
    found = [...part, ...found];
  }
  return found;
}

const findRange = async (database: Database): Promise<{ readonly first: number; readonly last: number }> => {
  const range = await database
    .selectFrom("audit_events")
    .select([
      sql<number>`coalesce(min(id), 1)::float8`.as("first"),
      sql<number>`coalesce(max(id), 0)::float8`.as("last"),
    ])
    .executeTakeFirst();
  return range ?? { first: 1, last: 0 };
};

const readPart = (database: Database, requestId: string, before: number): Promise<RecordedEvent[]> =>
  database
    .selectFrom("audit_events")
    .select(["at", "type", "user_id as userId", "actor_id as actorId", "ip_address as ipAddress"])
    // Without `personal`, which holds names and emails.
    .select(sql<AuditDetails>`details`.as("details"))
    .where("id", "<", String(before))
    .where("id", ">=", String(before - idsAtOnce))
    .where("request_id", "=", requestId)
    .orderBy("id")
    .execute();
