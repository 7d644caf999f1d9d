// `graphward user password` sets a password.
import { Command } from "commander";
import { print, printJson, requireValue } from "../command/terminal.ts";

interface Options {
  readonly username: string;
  readonly passwordStdin?: true;
  readonly json?: true;
}

export const passwordCommand = new Command("password")
  .description("set a user's password, and end all their sessions")
  .requiredOption("--username <username>", "the user whose password is set")
  .option("--password-stdin", "read the password from standard input instead of asking")
  .option("--json", "print JSON")
  .action(async ({ username, passwordStdin, json }: Options) => {
    const { setPassword } = await import("../../auth/administration/operator.ts");
    const { fromCommandLine } = await import("../../auth/audit/record.ts");
    const { withDatabase } = await import("../command/with-database.ts");
    const { readPassword, readPasswordPolicy } = await import("./password-input.ts");
    const password = await readPassword({ fromStdin: passwordStdin === true });
    await withDatabase(async ({ database }, application) => {
      const ended = requireValue(
        await setPassword(database, { username, password }, fromCommandLine, readPasswordPolicy(application)),
      );
      if (json) printJson({ username, sessionsEnded: ended });
      else print(`The password of ${username} was set. Sessions ended: ${ended}.`);
    });
  });
