// Exports the data that is stored about a user.
import type { Database } from "../../database/tables.ts";
import { transact } from "../../database/transaction.ts";
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
  exportIdentities,
  exportKnownDevices,
  exportLinks,
  exportReservedUsernames,
  exportSessions,
} from "./data-export-sections.ts";
import {
  exportPasskeys,
  exportPendingProofs,
  exportSecondFactors,
  exportTrustedBrowsers,
} from "./factors/export-sections.ts";

/** Reads one table's data of the user. Name the columns, so that a secret or its digest is never included by accident. */
export type Section = (database: Database, userId: string) => Promise<unknown>;

/** By their names in the export. If you add a table with user data, add a line here. */
const sections: Readonly<Record<string, Section>> = {
  account: exportAccount,
  reservedUsernames: exportReservedUsernames,
  sessions: exportSessions,
  knownDevices: exportKnownDevices,
  accessTokens: exportAccessTokens,
  identities: exportIdentities,
  links: exportLinks,
  secondFactors: exportSecondFactors,
  passkeys: exportPasskeys,
  trustedBrowsers: exportTrustedBrowsers,
  pendingProofs: exportPendingProofs,
  auditEvents: exportAuditEvents,
};

export const ownSections: readonly string[] = Object.keys(sections);

/** Throws REAUTHENTICATION_REQUIRED. Returns the data only after the export is recorded. */
export async function exportData(
  { services, client }: Context,
  { viewer }: { readonly viewer: Viewer },
): Promise<Record<string, unknown>> {
  const { userId, sessionId } = viewer;
  await requireRecentLogin(services.database, services, viewer);
  const ofApplication = await transact(services.database, async (transaction) => {
    await recordExport(transaction, userId, { actorId: userId, sessionId, client });
    return services.hooks.exportData(transaction, userId);
  });
  const data = await services.readList((database) => readSections(database, userId));
  // Deleted since the export was recorded: the sections are empty, or not whole.
  if (data.account === undefined) throw unauthenticated();
  return { ...ofApplication, ...data };
}

/** The account last: while it is there, all that was read before was whole. */
const readSections = async (database: Database, userId: string): Promise<Record<string, unknown>> => {
  const data: Record<string, unknown> = {};
  for (const [name, read] of Object.entries(sections).reverse()) data[name] = await read(database, userId);
  return Object.fromEntries(ownSections.map((name) => [name, data[name]]));
};

/** Locks the user's row, so that a deletion waits: an event recorded after the deletion would keep personal data for good. */
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
