// `npx graphward seed`: two users and a project to try the application with.
import type { SeedTools } from "graphward";
import { User } from "graphward/entities";
import { Member } from "./member.ts";
import { Project } from "./project.ts";
import { Task } from "./task.ts";

export async function seed({ em, createUser }: SeedTools): Promise<void> {
  if ((await em.count(User, { username: "alice" })) > 0) return;
  const password = "a quiet tram at dawn";
  const alice = await createUser({ username: "alice", password, displayName: "Alice" });
  const bob = await createUser({ username: "bob", password, displayName: "Bob" });
  const project = em.create(Project, { name: "Move to the new office" });
  em.create(Member, { project, user: alice, isOwner: true });
  em.create(Member, { project, user: bob });
  em.create(Task, { project, title: "Order the desks", assignee: bob });
  em.create(Task, { project, title: "Return the keys" });
}
