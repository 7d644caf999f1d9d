// `graphward user reset-second-factors` removes the second factors of a user who has lost them.
import { Command } from "commander";
import { print, printJson, requireConfirmation } from "../command/terminal.ts";

interface Options {
  readonly yes?: true;
  readonly json?: true;
}

export const resetSecondFactorsCommand = new Command("reset-second-factors")
  .description(
    "remove all second factors and recovery codes of a user who has lost them, and end all their sessions",
  )
  .argument("<username>")
  .option("--yes", "do not ask whether you are sure")
  .option("--json", "print JSON")
  .action(async (username: string, { yes, json }: Options) => {
    // The password alone opens the account then: make sure that the owner asks, not a thief of the password.
    if (!yes)
      await requireConfirmation(`Remove all second factors of ${username}? The password alone logs in then.`);
    const { resetSecondFactors } = await import("../../auth/administration/second-factors-reset.ts");
    const { withDatabase } = await import("../command/with-database.ts");
    const { actOn } = await import("./act.ts");
    const { inFull } = await import("./describe.ts");
    await withDatabase(async ({ database }) => {
      const user = await actOn(database, username, resetSecondFactors);
      if (json) printJson(await inFull(user));
      else print(`${user.username} has no second factor, and is logged out everywhere.`);
    });
  });
