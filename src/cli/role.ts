// `graphward role` shows what each role may do, and changes it.

import { Command } from "commander";
import type { Role } from "../auth/administration/roles.ts";
import { print, printJson, requireValue } from "./terminal.ts";

interface Output {
  readonly json?: true;
}

export const roleCommand = new Command("role").description("what each role may do");

roleCommand
  .command("list")
  .description("every role with its permissions, and every permission there is")
  .option("--json", "as JSON")
  .action(async ({ json }: Output) => {
    const { listRoles } = await import("../auth/administration/roles.ts");
    const { administratorRole } = await import("../auth/viewer/permissions.ts");
    const { knownPermissions: permissions } = await import("./known-permissions.ts");
    const { withDatabase } = await import("./with-database.ts");
    await withDatabase(async ({ database }) => {
      const roles = [{ name: administratorRole, permissions }, ...(await listRoles(database))];
      if (json) return printJson({ roles, permissions });
      for (const role of roles) print(describe(role));
    });
  });

roleCommand
  .command("grant")
  .description("give permissions to a role; the role is made when it is new")
  .argument("<role>", "in capitals, such as SUPPORT")
  .argument("<permission...>", "such as users:read")
  .option("--json", "as JSON")
  .action(async (name: string, permissions: string[], { json }: Output) => {
    const { grantPermissions } = await import("../auth/administration/roles.ts");
    const { fromCommandLine } = await import("../auth/audit/record.ts");
    const { knownPermissions } = await import("./known-permissions.ts");
    const { withDatabase } = await import("./with-database.ts");
    await withDatabase(async ({ database }) => {
      const role = { name, permissions };
      show(requireValue(await grantPermissions(database, role, knownPermissions, fromCommandLine)), json);
    });
  });

roleCommand
  .command("revoke")
  .description("take permissions from a role; a role without any is gone")
  .argument("<role>")
  .argument("<permission...>")
  .option("--json", "as JSON")
  .action(async (name: string, permissions: string[], { json }: Output) => {
    const { revokePermissions } = await import("../auth/administration/roles.ts");
    const { fromCommandLine } = await import("../auth/audit/record.ts");
    const { withDatabase } = await import("./with-database.ts");
    await withDatabase(async ({ database }) => {
      const role = { name, permissions };
      show(requireValue(await revokePermissions(database, role, fromCommandLine)), json);
    });
  });

const show = (role: Role, json: true | undefined): void => (json ? printJson(role) : print(describe(role)));

const describe = ({ name, permissions }: Role): string =>
  `${name}  ${permissions.length === 0 ? "(nothing)" : permissions.join(" ")}`;
