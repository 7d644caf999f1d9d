// Which permissions a viewer holds.
import type { Viewer } from "./viewer.ts";

/** Holds every permission there is. */
export const administratorRole = "ADMIN";

/** Every permission that our own rules ask for. Yours may have any name with a colon. */
export type Permission = "audit:read" | (`${string}:${string}` & {});

export const hasPermission = ({ roles }: Pick<Viewer, "roles">, _permission: Permission): boolean =>
  roles.includes(administratorRole);
