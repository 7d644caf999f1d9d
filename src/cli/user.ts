// `graphward user` makes accounts and sets passwords.
import { Command } from "commander";
import { createAccount, setPassword } from "../auth/accounts.ts";
import { fromCommandLine } from "../auth/audit.ts";
import { print, withDatabase } from "./database.ts";
import { requireValue } from "./outcome.ts";
import { readPassword } from "./password-input.ts";
import { unlockCommand } from "./user-unlock.ts";

export const userCommand = new Command("user").description("accounts").addCommand(unlockCommand);

interface PasswordOption {
  readonly passwordStdin?: true;
}

interface CreateOptions extends PasswordOption {
  readonly username: string;
  readonly email?: string;
  readonly role: readonly string[];
}

userCommand
  .command("create")
  .description("make an account")
  .requiredOption("--username <username>", "letters, digits and, inside, dots, hyphens and underscores")
  .option("--email <address>", "e-mail address")
  .option("--role <ROLE>", "a role, such as ADMIN; may be repeated", collect, [])
  .option("--password-stdin", "read the password from standard input instead of asking")
  .action(async ({ username, email, role, passwordStdin }: CreateOptions) => {
    const password = await readPassword({ fromStdin: passwordStdin === true });
    await withDatabase(async ({ database }) => {
      const id = requireValue(
        await createAccount(
          database,
          { username, email: email ?? null, password, roles: role },
          fromCommandLine,
        ),
      );
      print(`Created ${username} (${id}).`);
    });
  });

userCommand
  .command("password")
  .description("set an account's password, and log it out everywhere")
  .requiredOption("--username <username>", "whose password")
  .option("--password-stdin", "read the password from standard input instead of asking")
  .action(async ({ username, passwordStdin }: PasswordOption & { username: string }) => {
    const password = await readPassword({ fromStdin: passwordStdin === true });
    await withDatabase(async ({ database }) => {
      const ended = requireValue(await setPassword(database, username, password, fromCommandLine));
      print(`The password of ${username} is set. Sessions ended: ${ended}.`);
    });
  });

function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, value];
}
