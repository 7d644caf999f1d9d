// `graphward user unlock` clears what is counted against an account.
import { Command } from "commander";
import { print, printJson } from "../terminal.ts";

export const unlockCommand = new Command("unlock")
  .description("clear the wrong passwords and the mails that are counted against an account")
  .argument("<username>")
  .option("--json", "as JSON")
  .action(async (username: string, { json }: { readonly json?: true }) => {
    const { unlockAccount } = await import("../../auth/administration/unlock.ts");
    const { createBudgetKey } = await import("../../auth/limits/rate-limits.ts");
    const { readConfig } = await import("../../config/config.ts");
    const { requireSessionSecrets } = await import("../../config/session-secret.ts");
    const { withDatabase } = await import("../with-database.ts");
    await withDatabase(async ({ database }) => {
      const keyOf = createBudgetKey(await requireSessionSecrets(readConfig()));
      const cleared = await unlockAccount(database, username, keyOf);
      if (cleared === null) throw new Error("There is no such user.");
      if (json) printJson({ username, cleared });
      else print(`${username} may try again at once.`);
    });
  });
