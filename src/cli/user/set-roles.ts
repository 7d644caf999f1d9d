// `graphward user set-roles` replaces the roles of an account.

import { Command } from "commander";
import { rolesInRules } from "../../auth/access/permissions.ts";
import { assignRoles } from "../../auth/administration/role-assignment.ts";
import { createAuthority } from "../../auth/viewer/authority.ts";
import { buildGuardedSchema } from "../../schema/build.ts";
import { print, printJson, withDatabase } from "../database.ts";
import { actOn } from "./act.ts";
import { inFull } from "./describe.ts";

export const setRolesCommand = new Command("set-roles")
  .description("replace the roles of an account; without any, it has none")
  .argument("<username>")
  .argument("[role...]", "such as ADMIN, or one that `role list` shows")
  .option("--json", "as JSON")
  .action((username: string, roles: string[], { json }: { json?: true }) =>
    withDatabase(async ({ database }) => {
      const act = assignRoles(roles, createAuthority(rolesInRules(buildGuardedSchema().schema)));
      const user = await actOn(database, username, act);
      if (json) printJson(inFull(user));
      else print(`${user.username}  ${user.roles.length === 0 ? "(no role)" : user.roles.join(" ")}`);
    }),
  );
