// `graphward user set-roles` replaces the roles of a user.

import { Command } from "commander";
import { print, printJson } from "../command/terminal.ts";

export const setRolesCommand = new Command("set-roles")
  .description("replace the roles of a user; without roles, the user has none")
  .argument("<username>")
  .argument("[role...]", "such as ADMIN, or a role from `role list`")
  .option("--json", "print JSON")
  .action(async (username: string, roles: string[], { json }: { json?: true }) => {
    const { rolesInRules } = await import("../../auth/access/permissions.ts");
    const { assignRoles } = await import("../../auth/administration/role-assignment.ts");
    const { createAuthority } = await import("../../auth/viewer/authority.ts");
    const { buildGuardedSchema } = await import("../../schema/build.ts");
    const { loadApplication } = await import("../application/load.ts");
    const { withDatabase } = await import("../command/with-database.ts");
    const { actOn } = await import("./act.ts");
    const { inFull } = await import("./describe.ts");
    await withDatabase(async ({ database }) => {
      const act = assignRoles(
        roles,
        createAuthority(rolesInRules(buildGuardedSchema(await loadApplication()).schema)),
      );
      const user = await actOn(database, username, act);
      if (json) printJson(await inFull(user));
      else print(`${user.username}  ${user.roles.length === 0 ? "(no role)" : user.roles.join(" ")}`);
    });
  });
