// `graphward role` shows what each role may do, and changes it.

import { Command } from "commander";
import { permissionsOf } from "../auth/access/permissions.ts";
import { grantPermissions, listRoles, type Role, revokePermissions } from "../auth/administration/roles.ts";
import { fromCommandLine } from "../auth/audit/record.ts";
import { administratorRole } from "../auth/viewer/permissions.ts";
import { buildGuardedSchema } from "../schema/build.ts";
import { print, printJson, withDatabase } from "./database.ts";
import { requireValue } from "./outcome.ts";

interface Output {
  readonly json?: true;
}

export const roleCommand = new Command("role").description("what each role may do");

roleCommand
  .command("list")
  .description("every role with its permissions, and every permission there is")
  .option("--json", "as JSON")
  .action(({ json }: Output) =>
    withDatabase(async ({ database }) => {
      const permissions = knownPermissions();
      const roles = [{ name: administratorRole, permissions }, ...(await listRoles(database))];
      if (json) return printJson({ roles, permissions });
      for (const role of roles) print(describe(role));
    }),
  );

roleCommand
  .command("grant")
  .description("give permissions to a role; the role is made when it is new")
  .argument("<role>", "in capitals, such as SUPPORT")
  .argument("<permission...>", "such as users:read")
  .option("--json", "as JSON")
  .action((name: string, permissions: string[], { json }: Output) =>
    withDatabase(async ({ database }) => {
      const role = { name, permissions };
      show(requireValue(await grantPermissions(database, role, knownPermissions(), fromCommandLine)), json);
    }),
  );

roleCommand
  .command("revoke")
  .description("take permissions from a role; a role without any is gone")
  .argument("<role>")
  .argument("<permission...>")
  .option("--json", "as JSON")
  .action((name: string, permissions: string[], { json }: Output) =>
    withDatabase(async ({ database }) => {
      const role = { name, permissions };
      show(requireValue(await revokePermissions(database, role, fromCommandLine)), json);
    }),
  );

const knownPermissions = () => permissionsOf(buildGuardedSchema().schema);

const show = (role: Role, json: true | undefined): void => (json ? printJson(role) : print(describe(role)));

const describe = ({ name, permissions }: Role): string =>
  `${name}  ${permissions.length === 0 ? "(nothing)" : permissions.join(" ")}`;
