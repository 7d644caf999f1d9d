// What is kept about a person, for that person to take along.
import type { Database } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { unauthenticated } from "../../errors.ts";
import { eventColumns, type Origin, selectEvent } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { requireRecentLogin } from "../sessions/recent-login.ts";
import type { Viewer } from "../viewer/viewer.ts";
import {
  exportAccessTokens,
  exportAccount,
  exportAuditEvents,
  exportKnownDevices,
  exportLinks,
  exportReservedUsernames,
  exportSessions,
} from "./data-export-sections.ts";

/** Reads what one table has of the user. Name the columns: a secret, or the digest of one, must not come along unnoticed. */
export type Section = (database: Database, userId: string) => Promise<unknown>;

/** By the name under which the export shows them. A table of your own that knows users gets a line here. */
const sections: Readonly<Record<string, Section>> = {
  account: exportAccount,
  reservedUsernames: exportReservedUsernames,
  sessions: exportSessions,
  knownDevices: exportKnownDevices,
  accessTokens: exportAccessTokens,
  links: exportLinks,
  auditEvents: exportAuditEvents,
};

/** Throws REAUTHENTICATION_REQUIRED. What is read is recorded as having been, or is not answered. */
export async function exportData(
  { services, client }: Context,
  { viewer }: { readonly viewer: Viewer },
): Promise<Record<string, unknown>> {
  const { userId, sessionId } = viewer;
  await requireRecentLogin(services.database, viewer);
  return services.database.transaction().execute(async (transaction) => {
    await recordExport(transaction, userId, { actorId: userId, sessionId, client });
    const data: Record<string, unknown> = {};
    for (const [name, read] of Object.entries(sections)) data[name] = await read(transaction, userId);
    return data;
  });
}

/** A deletion waits for the export to end: what is recorded after one would tell of the person for good. */
const recordExport = async (transaction: Database, userId: string, origin: Origin): Promise<void> => {
  const recorded = await transaction
    .with("account", (query) => query.selectFrom("users").select("id").where("id", "=", userId).forKeyShare())
    .insertInto("audit_events")
    .columns([...eventColumns])
    .expression((query) =>
      query
        .selectFrom("account")
        .select(({ ref }) =>
          selectEvent({ ...origin, type: AuditEventType.DATA_EXPORTED }, { userId: ref("account.id") }),
        ),
    )
    .returning("id")
    .executeTakeFirst();
  if (recorded === undefined) throw unauthenticated();
};
