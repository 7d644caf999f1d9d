import { defineServer } from "graphward";
import { permissions } from "./src/access.ts";
import { accounts } from "./src/accounts.ts";
import { extendContext } from "./src/context.ts";
import { jobs } from "./src/jobs.ts";
import { Member } from "./src/member.ts";
import { MemberResolver } from "./src/member-resolver.ts";
import { Project } from "./src/project.ts";
import { ProjectResolver } from "./src/project-resolver.ts";
import { seed } from "./src/seed.ts";
import { settings } from "./src/settings.ts";
import { Task } from "./src/task.ts";
import { TaskResolver } from "./src/task-resolver.ts";

export default defineServer({
  entities: [Project, Member, Task],
  resolvers: [ProjectResolver, MemberResolver, TaskResolver],
  migrations: new URL("./migrations/", import.meta.url),
  permissions,
  reservedUsernames: ["nobody", "team"],
  accounts,
  brand: { name: "Team tasks", color: "#0b5cad" },
  settings,
  context: extendContext,
  jobs,
  seed,
});
