// Who may act as whom: judged when it begins, and again at every request.
import type { Database } from "../../database/tables.ts";
import { whereAlive } from "../sessions/rows.ts";
import { coversAuthority } from "../viewer/authority.ts";
import { type Holder, hasPermission, permissionsOfUser } from "../viewer/permissions.ts";

export const impersonatePermission = "users:impersonate";

export const mayActAs = (actor: Holder, other: Holder, rolesAskedFor: readonly string[]): boolean =>
  hasPermission(actor, impersonatePermission) && coversAuthority(actor, other, rolesAskedFor);

/**
 * The id of whoever acts as the other by a session of their own. Null once that has ended or they are deactivated, and as
 * soon as they have lost the permission, or the other holds what they do not.
 */
export const findImpersonator = async (
  database: Database,
  actorSessionId: string,
  other: Holder,
  rolesAskedFor: readonly string[],
): Promise<string | null> => {
  const actor = await whereAlive(
    database.selectFrom("sessions").innerJoin("users", "users.id", "sessions.user_id"),
  )
    .where("sessions.id", "=", actorSessionId)
    .select(["users.id", "users.roles", permissionsOfUser.as("permissions")])
    .executeTakeFirst();
  return actor !== undefined && mayActAs(actor, other, rolesAskedFor) ? actor.id : null;
};
