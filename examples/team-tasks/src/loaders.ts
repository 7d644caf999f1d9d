// Reads for all objects of a list at once what a field needs of each.
import DataLoader from "dataloader";
import type { Context } from "graphward";
import { User } from "graphward/entities";
import { Member } from "./member.ts";

export interface Loaders {
  readonly users: DataLoader<string, User | null>;
  /** By the id of a project. */
  readonly members: DataLoader<string, readonly Member[]>;
}

/** For one request: what they have read is as old as the request, and nobody else's. */
export const createLoaders = (context: Context): Loaders => ({
  users: new DataLoader(async (ids) => {
    // Only what others see of a user: the rest of the row is never read for a list.
    const fields = ["id", "username", "displayName"] as const;
    const users = await context.em.find(User, { id: { $in: [...ids] } }, { fields });
    const byId = new Map(users.map((user) => [user.id, user as User]));
    return ids.map((id) => byId.get(id) ?? null);
  }),
  members: new DataLoader(async (ids) => {
    const members = await context.em.find(Member, { project: { $in: [...ids] } }, { orderBy: { id: "asc" } });
    const byProject = Map.groupBy(members, ({ project }) => project.id);
    return ids.map((id) => byProject.get(id) ?? []);
  }),
});
