// `graphward role` shows and changes the permissions of roles.

import { Command } from "commander";
import type { Role } from "../auth/administration/roles.ts";
import { print, printJson, requireValue } from "./command/terminal.ts";

interface Output {
  readonly json?: true;
}

export const roleCommand = new Command("role").description("roles and their permissions");

roleCommand
  .command("list")
  .description("list all roles and all permissions")
  .option("--json", "print JSON")
  .action(async ({ json }: Output) => {
    const { listRoles } = await import("../auth/administration/roles.ts");
    const { administratorRole } = await import("../auth/viewer/permissions.ts");
    const { knownPermissions: permissions } = await import("./application/known-permissions.ts");
    const { withDatabase } = await import("./command/with-database.ts");
    await withDatabase(async ({ database }) => {
      const roles = [{ name: administratorRole, permissions }, ...(await listRoles(database))];
      if (json) return printJson({ roles, permissions });
      for (const role of roles) print(describe(role));
    });
  });

roleCommand
  .command("grant")
  .description("give permissions to a role; creates the role if it does not exist")
  .argument("<role>", "in capitals, such as SUPPORT")
  .argument("<permission...>", "such as users:read")
  .option("--json", "print JSON")
  .action(async (name: string, permissions: string[], { json }: Output) => {
    const { grantPermissions } = await import("../auth/administration/roles.ts");
    const { fromCommandLine } = await import("../auth/audit/record.ts");
    const { knownPermissions } = await import("./application/known-permissions.ts");
    const { withDatabase } = await import("./command/with-database.ts");
    await withDatabase(async ({ database }) => {
      const role = { name, permissions };
      show(requireValue(await grantPermissions(database, role, knownPermissions, fromCommandLine)), json);
    });
  });

roleCommand
  .command("revoke")
  .description("take permissions from a role; deletes the role when it has none left")
  .argument("<role>")
  .argument("<permission...>")
  .option("--json", "print JSON")
  .action(async (name: string, permissions: string[], { json }: Output) => {
    const { revokePermissions } = await import("../auth/administration/roles.ts");
    const { fromCommandLine } = await import("../auth/audit/record.ts");
    const { withDatabase } = await import("./command/with-database.ts");
    await withDatabase(async ({ database }) => {
      const role = { name, permissions };
      show(requireValue(await revokePermissions(database, role, fromCommandLine)), json);
    });
  });

const show = (role: Role, json: true | undefined): void => (json ? printJson(role) : print(describe(role)));

const describe = ({ name, permissions }: Role): string =>
  `${name}  ${permissions.length === 0 ? "(none)" : permissions.join(" ")}`;
