// Checks that personal values are missing only for users whose data was erased.
import type { Database } from "../../../database/tables.ts";
import { AuditEventType } from "../../../entities/audit-event-type.ts";
import type { Finding } from "./chain-check.ts";
import type { SealedRow } from "./rows.ts";

/** Otherwise an attacker could delete the values to hide where they came from. */
export const createForgottenCheck = () => {
  const firstOf = new Map<string, Finding>();
  const problem = "its IP, user agent or personal details are missing, but its user was not forgotten";
  return {
    see(row: SealedRow): Finding | null {
      const finding = { sequence: row.sequence, id: row.id, problem };
      const owners = [
        ...(row.clientSalt === null ? [row.actorId ?? row.userId] : []),
        ...(row.personalSalt === null ? [row.userId] : []),
      ];
      for (const owner of owners) {
        if (owner === null) return finding;
        if (!firstOf.has(owner)) firstOf.set(owner, finding);
      }
      return null;
    },
    async end(database: Database): Promise<Finding | null> {
      const rows = await database
        .selectFrom("audit_events")
        .select("user_id")
        .where("type", "=", AuditEventType.PERSON_FORGOTTEN)
        .execute();
      for (const { user_id } of rows) if (user_id !== null) firstOf.delete(user_id);
      return firstOf.values().next().value ?? null;
    },
  };
};
