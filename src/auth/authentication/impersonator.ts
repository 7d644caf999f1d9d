// Checks who may act as another user: when it starts, and again at every request.
import type { Database } from "../../database/tables.ts";
import { whereAlive } from "../sessions/rows.ts";
import type { Authority } from "../viewer/authority.ts";
import { type Holder, hasPermission, permissionsOfUser } from "../viewer/permissions.ts";

export const impersonatePermission = "users:impersonate";

export function mayActAs(authority: Authority, actor: Holder, other: Holder): boolean {
  return hasPermission(actor, impersonatePermission) && authority.covers(actor, other);
}

/**
 * Returns the id of the impersonator, whose own session started it. Null once that session has ended, its user is deactivated or
 * has lost the permission, or the other user holds something that the impersonator does not.
 */
export async function findImpersonator(
  database: Database,
  authority: Authority,
  actorSessionId: string,
  other: Holder,
): Promise<string | null> {
  const actor = await whereAlive(
    database.selectFrom("sessions").innerJoin("users", "users.id", "sessions.user_id"),
  )
    .where("sessions.id", "=", actorSessionId)
    .select(["users.id", "users.roles", permissionsOfUser.as("permissions")])
    .executeTakeFirst();
  return actor !== undefined && mayActAs(authority, actor, other) ? actor.id : null;
}
