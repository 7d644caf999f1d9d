// `graphward user unlock` resets the rate limits of a user.
import { Command } from "commander";
import { print, printJson } from "../command/terminal.ts";

export const unlockCommand = new Command("unlock")
  .description("reset a user's counts of failed logins and sent mail")
  .argument("<username>")
  .option("--json", "print JSON")
  .action(async (username: string, { json }: { readonly json?: true }) => {
    const { unlockAccount } = await import("../../auth/administration/unlock.ts");
    const { createBudgetKey } = await import("../../auth/limits/rate-limits.ts");
    const { readConfig } = await import("../../config/config.ts");
    const { requireSessionSecrets } = await import("../../config/secrets/session-secret.ts");
    const { withDatabase } = await import("../command/with-database.ts");
    const { withRedisCounts } = await import("../command/with-redis.ts");
    await withDatabase(async ({ database }) => {
      const config = readConfig();
      const keyOf = createBudgetKey(await requireSessionSecrets(config));
      const cleared = await withRedisCounts(config, (redis) =>
        unlockAccount({ database, redis }, username, keyOf),
      );
      if (cleared === null) throw new Error("There is no such user.");
      if (json) printJson({ username, cleared });
      else print(`${username} can log in again now.`);
    });
  });
