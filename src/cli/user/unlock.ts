// `graphward user unlock` clears what is counted against an account.
import { Command } from "commander";
import { unlockAccount } from "../../auth/administration/unlock.ts";
import { createBudgetKey } from "../../auth/limits/rate-limits.ts";
import { readConfig } from "../../config/config.ts";
import { requireSessionSecrets } from "../../config/session-secret.ts";
import { print, printJson, withDatabase } from "../database.ts";

export const unlockCommand = new Command("unlock")
  .description("clear the wrong passwords and the mails that are counted against an account")
  .argument("<username>")
  .option("--json", "as JSON")
  .action((username: string, { json }: { readonly json?: true }) =>
    withDatabase(async ({ database }) => {
      const keyOf = createBudgetKey(await requireSessionSecrets(readConfig()));
      const cleared = await unlockAccount(database, username, keyOf);
      if (cleared === null) throw new Error("There is no such user.");
      if (json) printJson({ username, cleared });
      else print(`${username} may try again at once.`);
    }),
  );
