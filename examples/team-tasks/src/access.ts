// Who may use a project. Each rule is part of the statement that reads or changes it: nothing is loaded first and compared later.
import { type Context, forbidden, hasPermission, isUuid, notFound, type Viewer } from "graphward";
import { Project } from "./project.ts";

export const permissions = { "projects:moderate": "See and delete anybody's projects" } as const;

export const mayModerate = (viewer: Viewer): boolean => hasPermission(viewer, "projects:moderate");

export const isMember = ({ userId }: Viewer) => ({ members: { $some: { user: userId } } });

export const isOwner = ({ userId }: Viewer) => ({ members: { $some: { user: userId, isOwner: true } } });

export const isSeen = (viewer: Viewer) => (mayModerate(viewer) ? {} : isMember(viewer));

/** An ID is any text: PostgreSQL would fail on one that is no UUID. */
export function requireId(id: string): string {
  if (!isUuid(id)) throw notFound();
  return id;
}

/** FORBIDDEN for members, who see the project anyway, and NOT_FOUND for all others. */
export async function requireOwner(em: Context["em"], viewer: Viewer, projectId: string): Promise<void> {
  const id = requireId(projectId);
  if ((await em.count(Project, { id, ...isOwner(viewer) })) > 0) return;
  throw (await em.count(Project, { id, ...isMember(viewer) })) > 0 ? forbidden() : notFound();
}
