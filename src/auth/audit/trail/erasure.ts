// Erases a user's personal data from the audit trail. The events stay, and the chain stays valid.
import { sql } from "kysely";
import type { Database } from "../../../database/tables.ts";
import { AuditEventType } from "../../../entities/audit-event-type.ts";
import { noClient } from "../../viewer/client.ts";
import { recordEvent } from "../record.ts";

/**
 * Erases IP addresses and user agents of what the user did, and of what unknown clients did on the account; also the account's
 * names. The salts go too, so that the commitments in the chain cannot be matched by guessing. Call it last in the transaction
 * that deletes the user, so that it covers the events of that transaction.
 */
export const forgetPersonOf = async (transaction: Database, userId: string): Promise<void> => {
  // The same order as a sealing, so that the two wait for each other and do not deadlock.
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
  // No actor and no client: this event must not contain what was just erased.
  await recordEvent(transaction, {
    type: AuditEventType.PERSON_FORGOTTEN,
    userId,
    actorId: null,
    client: noClient,
  });
};
