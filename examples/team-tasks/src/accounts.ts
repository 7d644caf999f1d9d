// What happens to projects when accounts begin, are exported and end.
import type { ServerDefinition } from "graphward";
import { Member } from "./member.ts";
import { Project } from "./project.ts";
import { Task } from "./task.ts";

export const accounts: NonNullable<ServerDefinition["accounts"]> = {
  async afterRegister({ em, userId }) {
    const project = em.create(Project, { name: "Personal" });
    em.create(Member, { project, user: userId, isOwner: true });
  },

  exportData: {
    async projects({ em, userId }) {
      const order = { populate: ["project"], orderBy: { project: { id: "asc" } } } as const;
      const members = await em.find(Member, { user: userId }, order);
      return members.map(({ isOwner, project: { id, name } }) => ({ id, name, isOwner }));
    },
    assignedTasks: ({ em, userId }) =>
      em.find(Task, { assignee: userId }, { fields: ["title", "doneAt", "createdAt"] }),
  },

  /** The foreign keys delete the memberships and the assignments. A project without a member would be there for nobody. */
  async beforeDelete({ em, userId }) {
    const owned = await em.find(Member, { user: userId, isOwner: true });
    for (const { project } of owned) {
      const others = await em.find(Member, { project, user: { $ne: userId } }, { orderBy: { id: "asc" } });
      const [oldest] = others;
      if (oldest === undefined) await em.nativeDelete(Project, { id: project.id });
      else if (!others.some(({ isOwner }) => isOwner)) oldest.isOwner = true;
    }
  },
};
