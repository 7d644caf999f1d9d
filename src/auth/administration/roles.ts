// Roles as data: lists, grants and revokes their permissions.

import { sql } from "kysely";
import { lockKey } from "../../database/own-schema.ts";
import type { Database } from "../../database/tables.ts";
import { AuditEventType } from "../../entities/audit-event-type.ts";
import type { BrokenRule, Result } from "../../errors.ts";
import { type Origin, recordEvent } from "../audit/record.ts";
import { findRoleNameProblem } from "../text/rule-names.ts";
import { inTransaction } from "../transaction.ts";
import { administratorRole } from "../viewer/permissions.ts";

export interface Role {
  readonly name: string;
  readonly permissions: readonly string[];
}

/** Sorted by name. `ADMIN` is not among them, because it is defined in code. */
export const listRoles = (database: Database): Promise<Role[]> =>
  database.selectFrom("roles").select(["name", "permissions"]).orderBy("name").execute();

/** Creates the role if it is new. Returns the updated role. */
export const grantPermissions = (
  database: Database,
  role: Role,
  knownPermissions: readonly string[],
  origin: Origin,
): Promise<Result<Role>> => {
  const unknown = role.permissions.filter((name) => !knownPermissions.includes(name));
  return changeRole(database, role, [...unknown.map(unknownPermission)], origin, {
    detail: "granted",
    merge: (held) => [...new Set([...held, ...role.permissions])].sort(),
  });
};

/** A role without permissions is deleted: its name needs no row. */
export const revokePermissions = (database: Database, role: Role, origin: Origin): Promise<Result<Role>> =>
  changeRole(database, role, [], origin, {
    detail: "revoked",
    merge: (held) => held.filter((name) => !role.permissions.includes(name)),
  });

interface Change {
  readonly detail: "granted" | "revoked";
  readonly merge: (held: readonly string[]) => readonly string[];
}

const changeRole = async (
  database: Database,
  { name, permissions }: Role,
  problems: readonly BrokenRule[],
  origin: Origin,
  { detail, merge }: Change,
): Promise<Result<Role>> => {
  const broken = [...problems, ...findRoleProblems(name)];
  if (broken.length > 0) return { ok: false, problems: broken };
  return inTransaction(database, async (transaction) => {
    // Concurrent changes take turns, so that each sees the result of the one before, even for a role that did not exist.
    await sql`select pg_advisory_xact_lock(${lockKey("roles")})`.execute(transaction);
    const role = await transaction
      .selectFrom("roles")
      .select("permissions")
      .where("name", "=", name)
      .executeTakeFirst();
    if (role === undefined && detail === "revoked") return { ok: false, problems: [unknownRole(name)] };
    const merged = [...merge(role?.permissions ?? [])];
    if (merged.length === 0) await transaction.deleteFrom("roles").where("name", "=", name).execute();
    else
      await transaction
        .insertInto("roles")
        .values({ name, permissions: merged })
        .onConflict((conflict) => conflict.column("name").doUpdateSet({ permissions: merged }))
        .execute();
    const details = { ...origin.details, role: name, [detail]: [...permissions] };
    await recordEvent(transaction, { ...origin, type: AuditEventType.ROLES_CHANGED, userId: null, details });
    return { ok: true, value: { name, permissions: merged } };
  });
};

const findRoleProblems = (name: string): readonly BrokenRule[] => {
  if (name === administratorRole)
    return [broken("role", "fixed", `${administratorRole} has every permission. This cannot be changed.`)];
  const problem = findRoleNameProblem(name);
  return problem === null ? [] : [problem];
};

const unknownRole = (name: string) => broken("role", "exists", `The role ${name} does not exist.`);
const unknownPermission = (name: string) =>
  broken("permission", "exists", `No access rule uses the permission ${JSON.stringify(name)}.`);

const broken = (field: string, rule: string, message: string): BrokenRule => ({ field, rule, message });
