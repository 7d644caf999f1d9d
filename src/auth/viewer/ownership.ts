// The one rule about what belongs to somebody: what is not visible is not there, what is visible may still be refused.
import { forbidden, notFound } from "../../errors.ts";
import { hasPermission, type Permission } from "./permissions.ts";
import type { Viewer } from "./viewer.ts";

export interface Ownership {
  /** Null when there is no such thing: it answers as one that the viewer may not see. */
  readonly ownerId: string | null;
  /** Whoever holds it sees what belongs to others. Without one only the owner does. */
  readonly toSee?: Permission;
  /** Whoever holds it sees and changes what belongs to others. */
  readonly toChange?: Permission;
}

/** Throws NOT_FOUND where even a refusal would tell that it is there, FORBIDDEN for what may be seen and not changed. */
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
