// Deletes what the audit trail tells of a person. What happened stays, and the chain over it holds.
import { sql } from "kysely";
import type { Database } from "../../../database/tables.ts";
import { AuditEventType } from "../../../entities/audit-event-type.ts";
import { noClient } from "../../viewer/client.ts";
import { recordEvent } from "../record.ts";

/**
 * Addresses and devices of what the person did, and of what somebody unknown did on their account; names of the account. With
 * them go the salts: what the chain holds instead can then be compared with nothing. Call it last in the transaction that
 * deletes the account, so that it finds that transaction's events too.
 */
export const forgetPersonOf = async (transaction: Database, userId: string): Promise<void> => {
  // In the order in which a sealing locks them, so that the two wait for each other and do not deadlock.
  await transaction
    .selectFrom("audit_events")
    .select("id")
    .where((row) => row.or([row("user_id", "=", userId), row("actor_id", "=", userId)]))
    .orderBy("id")
    .forUpdate()
    .execute();
  await transaction
    .updateTable("audit_events")
    .set({ ip_address: null, user_agent: null, client_salt: null, window_key: null })
    .where((row) =>
      row.or([
        row("actor_id", "=", userId),
        row.and([row("actor_id", "is", null), row("user_id", "=", userId)]),
      ]),
    )
    .execute();
  await transaction
    .updateTable("audit_events")
    .set({ personal: sql<null>`null`, personal_salt: null })
    .where("user_id", "=", userId)
    .execute();
  // By nobody and from nowhere: this event must not tell what it says is gone.
  await recordEvent(transaction, {
    type: AuditEventType.PERSON_FORGOTTEN,
    userId,
    actorId: null,
    client: noClient,
  });
};
