// Assigns roles to a user.
import type { Database } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import { type BrokenRule, forbidden } from "../../errors.ts";
import { recordEvent } from "../audit/record.ts";
import { enqueueMail } from "../outgoing-mail.ts";
import { requireAnotherAdministrator } from "../users/last-administrator.ts";
import type { Authority } from "../viewer/authority.ts";
import { administratorRole } from "../viewer/permissions.ts";
import type { Act, ManagedUser } from "./administer.ts";
import { listRoles } from "./roles.ts";

/** Throws FORBIDDEN for roles that grant what the actor does not hold, and when no active administrator would be left. */
export const assignRoles =
  (asked: readonly string[], authority: Authority): Act =>
  async (transaction, account, origin, actor) => {
    const roles = [...new Set(asked)];
    const problems = await findRoleProblems(transaction, actor, roles, authority);
    if (problems.length > 0) return problems;
    const granted = roles.filter((role) => !account.roles.includes(role));
    const revoked = account.roles.filter((role) => !roles.includes(role));
    if (granted.length + revoked.length === 0) return [];

    if (revoked.includes(administratorRole)) await requireAnotherAdministrator(transaction, account.id);
    await transaction.updateTable("users").set({ roles }).where("id", "=", account.id).execute();
    await recordEvent(transaction, {
      ...origin,
      type: AuditEventType.ROLES_CHANGED,
      userId: account.id,
      details: { ...origin.details, roles, granted, revoked },
    });
    await enqueueMail(transaction, { template: "roles-changed", userId: account.id, roles });
    return [];
  };

/**
 * Returns a problem for each role that is neither in the table nor in an access rule, and so is probably mistyped. Throws
 * FORBIDDEN for what the actor does not hold; without an actor, everything is allowed.
 */
export const findRoleProblems = async (
  transaction: Database,
  actor: ManagedUser | null,
  roles: readonly string[],
  authority: Authority,
): Promise<readonly BrokenRule[]> => {
  const rows = await listRoles(transaction);
  const known = [administratorRole, ...authority.rolesInRules, ...rows.map(({ name }) => name)];
  const unknown = roles.filter((role) => !known.includes(role));
  if (unknown.length > 0) return unknown.map(unknownRole);
  const permissions = rows.filter(({ name }) => roles.includes(name)).flatMap((row) => row.permissions);
  if (actor !== null && !authority.covers(actor, { roles, permissions })) throw forbidden();
  return [];
};

const unknownRole = (role: string): BrokenRule => ({
  field: "roles",
  rule: "exists",
  message: `The role ${role} does not exist.`,
});
