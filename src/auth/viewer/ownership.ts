// The ownership rule: NOT_FOUND for what the viewer may not see, FORBIDDEN for what the viewer may see but not change.
import { forbidden, notFound } from "../../errors.ts";
import { hasPermission, type Permission } from "./permissions.ts";
import type { Viewer } from "./viewer.ts";

export interface Ownership {
  /** Null when it does not exist, which gives the same response as one that the viewer may not see. */
  readonly ownerId: string | null;
  /** The permission to see what belongs to others. Without it, only the owner may. */
  readonly toSee?: Permission;
  /** The permission to see and change what belongs to others. */
  readonly toChange?: Permission;
}

/** Throws NOT_FOUND where a refusal would reveal that it exists, and FORBIDDEN for what the viewer may see but not change. */
export const requireMay = (
  act: "see" | "change",
  viewer: Viewer,
  { ownerId, toSee, toChange }: Ownership,
): void => {
  const holds = (permission: Permission | undefined) =>
    permission !== undefined && hasPermission(viewer, permission);
  const isOwner = ownerId !== null && ownerId === viewer.userId;
  const mayChange = isOwner || holds(toChange);
  const maySee = mayChange || holds(toSee);
  if (ownerId === null || !maySee) throw notFound();
  if (act === "change" && !mayChange) throw forbidden();
};
