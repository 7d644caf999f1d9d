// `graphward user password` sets a password.
import { Command } from "commander";
import { setPassword } from "../../auth/administration/operator.ts";
import { fromCommandLine } from "../../auth/audit/record.ts";
import { print, printJson, withDatabase } from "../database.ts";
import { requireValue } from "../outcome.ts";
import { readPassword } from "../password-input.ts";
import { readPasswordPolicy } from "../password-policy.ts";

interface Options {
  readonly username: string;
  readonly passwordStdin?: true;
  readonly json?: true;
}

export const passwordCommand = new Command("password")
  .description("set an account's password, and log it out everywhere")
  .requiredOption("--username <username>", "whose password")
  .option("--password-stdin", "read the password from standard input instead of asking")
  .option("--json", "as JSON")
  .action(async ({ username, passwordStdin, json }: Options) => {
    const password = await readPassword({ fromStdin: passwordStdin === true });
    await withDatabase(async ({ database }) => {
      const ended = requireValue(
        await setPassword(database, { username, password }, fromCommandLine, readPasswordPolicy()),
      );
      if (json) printJson({ username, sessionsEnded: ended });
      else print(`The password of ${username} is set. Sessions ended: ${ended}.`);
    });
  });
