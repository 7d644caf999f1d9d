// `graphward user show` tells all there is to know of one account.
import { Command } from "commander";
import { findUserId } from "../../auth/users/find.ts";
import { requireShownUser } from "../../auth/users/shown-user.ts";
import { print, printJson, withDatabase } from "../database.ts";
import { requireValue } from "../outcome.ts";
import { inFull, inLines } from "./describe.ts";

export const showCommand = new Command("show")
  .description("one account, with what it may do")
  .argument("<username>")
  .option("--json", "as JSON")
  .action((username: string, { json }: { json?: true }) =>
    withDatabase(async ({ database }) => {
      const id = requireValue(await findUserId(database, username));
      const user = await requireShownUser(database, id);
      if (json) printJson(inFull(user));
      else print(inLines(user));
    }),
  );
