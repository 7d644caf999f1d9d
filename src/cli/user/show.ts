// `graphward user show` prints everything about one user.
import { Command } from "commander";
import { print, printJson, requireValue } from "../command/terminal.ts";

export const showCommand = new Command("show")
  .description("show a user with roles, permissions, second factors and logins with providers")
  .argument("<username>")
  .option("--json", "print JSON")
  .action(async (username: string, { json }: { json?: true }) => {
    const { listIdentities } = await import("../../auth/providers/identities.ts");
    const { findUserId } = await import("../../auth/users/find.ts");
    const { requireShownUser } = await import("../../auth/users/shown-user.ts");
    const { readConfig } = await import("../../config/config.ts");
    const { withDatabase } = await import("../command/with-database.ts");
    const { inFull, inLines } = await import("./describe.ts");
    const { describeIdentities } = await import("./identities.ts");
    const { describeFactors, findFactors } = await import("./second-factors.ts");
    await withDatabase(async ({ database }, application) => {
      const { secondFactor } = readConfig(undefined, application.settings);
      const id = requireValue(await findUserId(database, username));
      const user = await requireShownUser(database, id);
      const secondFactors = await findFactors(database, user, secondFactor);
      const identities = await listIdentities(database, id);
      if (json) printJson({ ...(await inFull(user)), secondFactors, identities });
      else print(await inLines(user, [...describeFactors(secondFactors), ...describeIdentities(identities)]));
    });
  });
