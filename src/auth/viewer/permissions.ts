// Which permissions somebody holds.
import { sql } from "kysely";
import type { Database } from "../../database/tables.ts";

/** Holds every permission there is. It is a rule, not a row: no mistake in the data can take it away, or give it to another role. */
export const administratorRole = "ADMIN";

/** What our rules ask for in code. Those of `@Authorized("...:...")` are read from the schema. */
export const permissionsAskedInCode = ["audit:read"] as const;

/** Yours may have any name with a colon. */
export type Permission = (typeof permissionsAskedInCode)[number] | (`${string}:${string}` & {});

export interface Holder {
  readonly roles: readonly string[];
  /** What the roles give, `ADMIN` apart. */
  readonly permissions: readonly string[];
}

export const isAdministrator = ({ roles }: Pick<Holder, "roles">): boolean =>
  roles.includes(administratorRole);

export const hasPermission = (holder: Holder, permission: Permission): boolean =>
  isAdministrator(holder) || holder.permissions.includes(permission);

/** What the roles of one row of `users` give. A name that no role has gives nothing. */
export const permissionsOfUser = sql<readonly string[]>`array(
  select distinct permission from roles, unnest(roles.permissions) as permission
  where roles.name = any(users.roles) order by permission)`;

/** For a user that was not read by the rules; nobody without a row holds anything. */
export const findPermissions = async (database: Database, userId: string): Promise<readonly string[]> => {
  const user = await database
    .selectFrom("users")
    .select(permissionsOfUser.as("permissions"))
    .where("id", "=", userId)
    .executeTakeFirst();
  return user?.permissions ?? [];
};
