// `graphward user show` prints everything about one user.
import { Command } from "commander";
import { print, printJson, requireValue } from "../terminal.ts";

export const showCommand = new Command("show")
  .description("show a user with roles and permissions")
  .argument("<username>")
  .option("--json", "print JSON")
  .action(async (username: string, { json }: { json?: true }) => {
    const { findUserId } = await import("../../auth/users/find.ts");
    const { requireShownUser } = await import("../../auth/users/shown-user.ts");
    const { withDatabase } = await import("../with-database.ts");
    const { inFull, inLines } = await import("./describe.ts");
    await withDatabase(async ({ database }) => {
      const id = requireValue(await findUserId(database, username));
      const user = await requireShownUser(database, id);
      if (json) printJson(await inFull(user));
      else print(await inLines(user));
    });
  });
