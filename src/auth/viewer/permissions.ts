// Which permissions a user holds.
import { sql } from "kysely";
import { ownTable } from "../../database/own-schema.ts";

/** Holds every permission. A rule in code, not a row, so that no mistake in the data can revoke it or give it to another role. */
export const administratorRole = "ADMIN";

/** The permissions that our code checks. Those in `@Authorized("...:...")` are read from the schema. */
export const permissionsAskedInCode = ["audit:read"] as const;

/** Your own may have any name with a colon. */
export type Permission = (typeof permissionsAskedInCode)[number] | (`${string}:${string}` & {});

export interface Holder {
  readonly roles: readonly string[];
  /** What the roles grant, except `ADMIN`. */
  readonly permissions: readonly string[];
}

export const isAdministrator = ({ roles }: Pick<Holder, "roles">): boolean =>
  roles.includes(administratorRole);

export const hasPermission = (holder: Holder, permission: Permission): boolean =>
  isAdministrator(holder) || holder.permissions.includes(permission);

/** The permissions of one row of `users`. A role that does not exist grants nothing. */
export const permissionsOfUser = sql<readonly string[]>`array(
  select distinct permission from ${ownTable("roles")}, unnest(roles.permissions) as permission
  where roles.name = any(users.roles) order by permission)`;
