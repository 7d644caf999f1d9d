// `graphward user create` makes an account that can log in at once.
import { Command } from "commander";
import { createUser } from "../../auth/administration/operator.ts";
import { fromCommandLine } from "../../auth/audit/record.ts";
import { requireShownUser } from "../../auth/users/shown-user.ts";
import { print, printJson, withDatabase } from "../database.ts";
import { requireValue } from "../outcome.ts";
import { readPassword } from "../password-input.ts";
import { readPasswordPolicy } from "../password-policy.ts";
import { collect } from "../repeated-option.ts";
import { inFull } from "./describe.ts";

interface Options {
  readonly username: string;
  readonly email?: string;
  readonly role: readonly string[];
  readonly passwordStdin?: true;
  readonly json?: true;
}

export const createCommand = new Command("create")
  .description("make an account")
  .requiredOption("--username <username>", "letters, digits and, inside, dots, hyphens and underscores")
  .option("--email <address>", "e-mail address")
  .option("--role <ROLE>", "a role, such as ADMIN; may be repeated", collect, [])
  .option("--password-stdin", "read the password from standard input instead of asking")
  .option("--json", "as JSON")
  .action(async ({ username, email, role, passwordStdin, json }: Options) => {
    const password = await readPassword({ fromStdin: passwordStdin === true });
    await withDatabase(async ({ database }) => {
      const account = { username, email: email ?? null, password, roles: role };
      const id = requireValue(await createUser(database, account, fromCommandLine, readPasswordPolicy()));
      if (json) printJson(inFull(await requireShownUser(database, id)));
      else print(`Created ${username} (${id}).`);
    });
  });
