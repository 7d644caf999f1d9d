// Who may act as whom: judged when it begins, and again at every request.
import type { Database } from "../../database/tables.ts";
import { whereAlive } from "../sessions/rows.ts";
import type { Authority } from "../viewer/authority.ts";
import { type Holder, hasPermission, permissionsOfUser } from "../viewer/permissions.ts";

export const impersonatePermission = "users:impersonate";

export function mayActAs(authority: Authority, actor: Holder, other: Holder): boolean {
  return hasPermission(actor, impersonatePermission) && authority.covers(actor, other);
}

/**
 * The id of the user who acts as the other by a session of their own. Null once that session has ended or its user is deactivated,
 * and as soon as they have lost the permission, or the other holds what they do not.
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
