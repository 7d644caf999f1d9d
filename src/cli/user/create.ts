// `graphward user create` creates a user who can log in at once.
import { Command } from "commander";
import { collect, print, printJson, requireValue } from "../command/terminal.ts";

interface Options {
  readonly username: string;
  readonly email?: string;
  readonly displayName?: string;
  readonly locale?: string;
  readonly role: readonly string[];
  readonly passwordStdin?: true;
  readonly json?: true;
}

export const createCommand = new Command("create")
  .description("create a user")
  .requiredOption(
    "--username <username>",
    "letters and digits, with dots, hyphens and underscores between them",
  )
  .option("--email <email>", "the email of the user")
  .option("--display-name <name>", "the name that others see, which need not be unique")
  .option("--locale <tag>", "the language of the user, such as de or pt-BR")
  .option("--role <ROLE>", "a role, such as ADMIN; repeatable", collect, [])
  .option("--password-stdin", "read the password from standard input instead of asking")
  .option("--json", "print JSON")
  .action(async ({ username, email, displayName, locale, role, passwordStdin, json }: Options) => {
    const { createUser } = await import("../../auth/administration/operator.ts");
    const { fromCommandLine } = await import("../../auth/audit/record.ts");
    const { requireShownUser } = await import("../../auth/users/shown-user.ts");
    const { withAfterRegister } = await import("../command/with-database.ts");
    const { inFull } = await import("./describe.ts");
    const { readPassword, readPasswordPolicy } = await import("./password-input.ts");
    const password = await readPassword({ fromStdin: passwordStdin === true });
    await withAfterRegister(async ({ database }, application, afterRegister) => {
      const policy = readPasswordPolicy(application);
      const account = { username, email: email ?? null, displayName, locale, password, roles: role };
      const id = requireValue(await createUser(database, account, fromCommandLine, policy, afterRegister));
      if (json) printJson(await inFull(await requireShownUser(database, id)));
      else print(`Created ${username} (${id}).`);
    });
  });
